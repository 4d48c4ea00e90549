"""Values of an application's file, read against the form: every fault at once.

Personal data are not shown in a finding, nor kept unless the form itself is read: what plans need
is whether they are there.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from coverage.wording import whole
from data.study.cells import YEARS, Refusal, siret_is_valid
from data.study.faults import Findings, count, proposal, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from data.applications.document import Document
    from data.applications.form import Field
    from geo.errors import Notice

EMPTY_BOX, REQUIRED = "case du formulaire vide", "valeur obligatoire absente"
REQUIRED = "valeur obligatoire absente"
AS_KEY = "remplissez cette clé"

_HUNDREDTHS = 100
_FORBIDDEN = re.compile(r"[|\x00-\x1f\x7f]")
_SPACES = re.compile(r"[ \u00a0\u2007\u2009\u202f]")
_DIGITS = 15
_UNKNOWN_TOLD = 50


def read_keys(
    document: Document,
    values: Mapping[str, Any],
    keys: Mapping[str, Field],
    at: str = "",
    *,
    whole_texts: bool = False,
) -> tuple[dict[str, Any], Findings]:
    """Return the values of a table, those refused or absent left out.

    A table reads as a dict, a list of tables as a list of dicts.

    Parameters
    ----------
    values
        As TOML parses them; a `Refusal` stands for what was refused before.
    at
        Dotted key of the table, empty for the file itself.
    whole_texts
        Whether texts are kept as they are; otherwise they are trimmed, and what may name a person
        reads as True.
    """
    findings = Findings(tuple(_unknown(document, values, keys, at)))
    read: dict[str, Any] = {}
    for name, field in keys.items():
        key = f"{at}.{name}" if at else name
        filed = values.get(name)
        if is_blank(filed):
            findings += _absent(document, key, field, filed=name in values)
            continue
        if isinstance(filed, Refusal):
            value: object = filed
        elif field.kind in ("table", "tables"):
            value, found = _read_nested(document, filed, field, key, whole_texts=whole_texts)
            findings += found
        elif whole_texts and field.kind == "text" and isinstance(filed, str):
            value = filed
        else:
            value = _PARSERS[field.kind](filed, field)
        if isinstance(value, Refusal):
            notice = document.notice(key, value.message, value.remedy)
            findings += Findings((notice,))
        else:
            read[name] = value
    return read, findings


def is_blank(value: object) -> bool:
    """Tell whether a value says nothing: none, an empty list, a text of spaces."""
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def _read_nested(
    document: Document, value: object, field: Field, key: str, *, whole_texts: bool
) -> tuple[Any, Findings]:
    if field.kind == "table":
        if not isinstance(value, dict):
            refusal = Refusal(f"« {key} » doit être une table", f"écrivez [{key}] sur une ligne")
            return refusal, Findings()
        return read_keys(document, value, field.keys, key, whole_texts=whole_texts)
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        remedy = f"écrivez [[{key}]] une fois par élément, ou une liste de {{ clé = valeur }}"
        return Refusal(f"« {key} » doit être une liste de tables", remedy), Findings()
    found = [
        read_keys(document, item, field.keys, f"{key}[{number}]", whole_texts=whole_texts)
        for number, item in enumerate(value, start=1)
    ]
    findings = Findings()
    for _, more in found:
        findings += more
    return [item for item, _ in found], findings


def _unknown(
    document: Document, values: Mapping[str, Any], keys: Mapping[str, Field], at: str
) -> list[Notice]:
    where = f"[{at}]" if at else "le fichier"
    unknown = [name for name in values if name not in keys]
    told = [
        document.notice(
            f"{at}.{name}" if at else name,
            f"clé {quoted(name)} inconnue dans {where}",
            proposal(name, keys) or f"clés acceptées ici : {', '.join(keys)}",
        )
        for name in unknown[:_UNKNOWN_TOLD]
    ]
    more = len(unknown) - len(told)
    if more:
        message = f"{count(more, 'autre clé inconnue', 'autres clés inconnues')} dans {where}"
        told.append(document.notice(at, message, "retirez-les"))
    return told


def _absent(document: Document, key: str, field: Field, *, filed: bool) -> Findings:
    """Return what to say of a key that is empty (`filed`) or not there."""
    if field.required:
        remedy = _REMEDIES.get(field.kind, AS_KEY)
        if field.choices:
            remedy = f"écrivez l’une de : {', '.join(field.choices)}"
        return Findings((document.notice(key, REQUIRED, remedy),))
    if field.expected and (filed or not field.identifying):
        notice = document.notice(key, EMPTY_BOX, "complétez le dossier")
        return Findings((), (notice,))
    return Findings()


def _text(value: object, field: Field) -> object:
    if not isinstance(value, str):
        shown = "cette valeur" if field.personal else _shown(value)
        return Refusal(f"{shown} n’est pas un texte", "écrivez-la entre guillemets droits")
    return True if field.personal else value.strip()


def _identifier(value: object, _field: Field) -> object:
    if not isinstance(value, str) or not value.strip() or _FORBIDDEN.search(value):
        return Refusal(
            f"{_shown(value)} n’est pas un code",
            "écrivez-le entre guillemets droits, sur une ligne",
        )
    return value.strip()


def _choice(value: object, field: Field) -> object:
    text = value.strip().lower() if isinstance(value, str) else ""
    if text in field.choices:
        return text
    accepted = ", ".join(field.choices)
    return Refusal(
        f"valeur {_shown(value)} inconnue ; valeurs acceptées : {accepted}",
        proposal(text, field.choices) or "écrivez l’une des valeurs acceptées",
    )


def _siret(value: object, _field: Field) -> object:
    digits = _SPACES.sub("", value) if isinstance(value, str) else ""
    if not re.fullmatch("[0-9]{14}", digits):
        return Refusal(
            f"SIRET {_shown(value)} ; 14 chiffres attendus",
            "écrivez les 14 chiffres entre guillemets droits",
        )
    if not siret_is_valid(digits):
        return Refusal(
            f"SIRET {_shown(value)} dont la clé de contrôle est fausse",
            "vérifiez le numéro, un chiffre est sans doute mal recopié",
        )
    return digits


def _date(value: object, _field: Field) -> object:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        first, last = YEARS
        if first <= value.year <= last:
            return value
        message = f"année {value.year} hors de {first} à {last}"
        return Refusal(message, "corrigez l’année de la date")
    return Refusal(
        f"{_shown(value)} n’est pas une date", "écrivez par exemple 2022-09-01, sans guillemets"
    )


def _flag(value: object, _field: Field) -> object:
    if isinstance(value, bool):
        return value
    return Refusal(
        f"{_shown(value)} n’est ni vrai ni faux", "écrivez true ou false, sans guillemets"
    )


def _number(value: object, field: Field) -> Fraction | Refusal:
    number = _exact(value)
    if number is None:
        return Refusal(
            f"{_shown(value)} n’est pas un nombre",
            "écrivez le nombre sans espace, unité ni guillemets, les décimales avec un point",
        )
    if not 0 <= number <= field.high:
        return Refusal(f"{_shown(value)} hors de 0 à {whole(field.high)}", "corrigez la valeur")
    return number


def _in_hundredths(value: object, field: Field) -> object:
    number = _number(value, field)
    if isinstance(number, Refusal):
        return number
    scaled = number * _HUNDREDTHS
    if scaled.denominator != 1:
        return Refusal(f"{_shown(value)} a plus de deux décimales", "arrondissez au centième")
    return int(scaled)


def _exact(value: object) -> Fraction | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    if isinstance(value, Decimal) and not (value.is_finite() and abs(value.adjusted()) < _DIGITS):
        return None
    return Fraction(value)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "« true »" if value else "« false »"
    if isinstance(value, int) and abs(value) >= 10**_DIGITS:
        return "un nombre démesuré"
    return quoted(str(value))


_PARSERS: Mapping[str, Callable[[object, Field], object]] = {
    "text": _text,
    "identifier": _identifier,
    "choice": _choice,
    "siret": _siret,
    "date": _date,
    "flag": _flag,
    "number": _number,
    "hundredths": _in_hundredths,
    "cents": _in_hundredths,
}

_REMEDIES: Mapping[str, str] = {
    "table": "ajoutez cette table, un titre entre crochets sur une ligne à elle",
    "cents": "écrivez un nombre d’euros, sans espace ni guillemets",
    "hundredths": "écrivez un nombre d’ETP, par exemple 0.5",
}
