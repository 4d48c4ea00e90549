"""Values of an application's file, read against the form: every fault at once.

Personal data are not kept, nor shown in a finding: what is read is whether they are there.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from coverage.wording import whole
from data.study.cells import Refusal, siret_is_valid
from data.study.faults import Findings, proposal, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from data.applications.document import Document
    from data.applications.form import Field
    from geo.errors import Notice

_HUNDREDTHS = 100
_FORBIDDEN = re.compile(r"[|\x00-\x1f\x7f]")
_SPACES = re.compile(r"[ \u00a0\u2007\u2009\u202f]")
_DIGITS = 15


def read_keys(
    document: Document, values: Mapping[str, Any], keys: Mapping[str, Field], at: str = ""
) -> tuple[dict[str, Any], Findings]:
    """Return the values of a table, those refused or absent left out.

    What may name a person reads as True; a table as a dict, a list of tables as a list of dicts.

    Parameters
    ----------
    at
        Dotted key of the table, empty for the file itself.
    """
    findings = Findings(tuple(_unknown(document, values, keys, at)))
    read: dict[str, Any] = {}
    for name, field in keys.items():
        key = f"{at}.{name}" if at else name
        if name not in values or values[name] in ("", []):
            findings += _absent(document, key, field, filed=name in values)
            continue
        if field.kind in ("table", "tables"):
            value, found = _read_nested(document, values[name], field, key)
            findings += found
        else:
            value = _PARSERS[field.kind](values[name], field)
        if isinstance(value, Refusal):
            notice = document.notice(key, value.message, value.remedy)
            findings += Findings((notice,))
        else:
            read[name] = value
    return read, findings


def _read_nested(document: Document, value: object, field: Field, key: str) -> tuple[Any, Findings]:
    if field.kind == "table":
        if not isinstance(value, dict):
            refusal = Refusal(f"« {key} » doit être une table", f"écrivez [{key}] sur une ligne")
            return refusal, Findings()
        return read_keys(document, value, field.keys, key)
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        remedy = f"écrivez [[{key}]] une fois par élément, ou une liste de {{ clé = valeur }}"
        return Refusal(f"« {key} » doit être une liste de tables", remedy), Findings()
    found = [
        read_keys(document, item, field.keys, f"{key}[{number}]")
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
    return [
        document.notice(
            f"{at}.{name}" if at else name,
            f"clé {quoted(name)} inconnue dans {where}",
            proposal(name, keys) or f"clés acceptées ici : {', '.join(keys)}",
        )
        for name in values
        if name not in keys
    ]


def _absent(document: Document, key: str, field: Field, *, filed: bool) -> Findings:
    """Return what to say of a key that is empty (`filed`) or not there."""
    if field.required:
        remedy = _REMEDIES.get(field.kind, "remplissez cette clé")
        if field.choices:
            remedy = f"écrivez l’une de : {', '.join(field.choices)}"
        return Findings((document.notice(key, "valeur obligatoire absente", remedy),))
    if field.expected and (filed or not field.identifying):
        notice = document.notice(key, "case du formulaire vide", "complétez le dossier")
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
        return value
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
