"""Values of `etude.toml`: each parser returns the value or why it is refused."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from coverage.parameters import CLASSES
from data.reference.vintages import ACCEPTED_VINTAGES
from data.study.cells import Refusal
from data.study.faults import proposal, quoted
from data.study.tables import FORMAT_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from coverage.parameters import Definition

YEARS = (2000, 2099)
"""First and last year a study may be about."""

_DIGITS = 20
_OTHERS = "autres"
_RATIO = re.compile(rf"[0-9]{{1,{_DIGITS}}}(?:[.,][0-9]{{1,{_DIGITS}}}|/([0-9]{{1,{_DIGITS}}}))?")


def parse_version(value: object) -> int | Refusal:
    """Return the format version, if it is the one this program reads."""
    if _is_int(value) and value == FORMAT_VERSION:
        return FORMAT_VERSION
    return Refusal(
        f"version {_shown(value)} inconnue ; ce programme lit la version {FORMAT_VERSION}",
        f"écrivez « format_version = {FORMAT_VERSION} », ou mettez le programme à jour",
    )


def parse_name(value: object) -> str | Refusal:
    """Return the name of the study, trimmed."""
    if isinstance(value, str) and value.strip():
        return value.strip()
    return Refusal("nom vide, ou qui n’est pas un texte", 'écrivez par exemple nom = "Nord 2023"')


def parse_year(value: object) -> int | Refusal:
    """Return the year of the study."""
    first, last = YEARS
    if isinstance(value, int) and _is_int(value) and first <= value <= last:
        return value
    return Refusal(
        f"{_shown(value)} n’est pas une année de {first} à {last}",
        "écrivez par exemple annee = 2023, sans guillemets",
    )


def parse_vintage(value: object) -> int | Refusal:
    """Return the vintage of the Code officiel géographique the study was filled with."""
    if isinstance(value, int) and _is_int(value) and value in ACCEPTED_VINTAGES:
        return value
    known = " et ".join(map(str, ACCEPTED_VINTAGES))
    return Refusal(
        f"millésime {_shown(value)} inconnu ; millésimes connus : {known}",
        "mettez les codes à jour et écrivez l’un de ces millésimes, ou retirez la clé",
    )


def parse_flag(value: object) -> bool | Refusal:
    """Return a yes or a no."""
    if isinstance(value, bool):
        return value
    return Refusal(
        f"{_shown(value)} n’est ni vrai ni faux", "écrivez true ou false, sans guillemets"
    )


def parse_texts(value: object) -> tuple[str, ...] | Refusal:
    """Return the texts of a list."""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(item.strip() for item in value)
    return Refusal(
        f"{_shown(value)} n’est pas une liste de textes",
        'écrivez les codes entre crochets et guillemets, par exemple ["11", "32"]',
    )


def parse_budget(value: object) -> int | float | Refusal | None:
    """Return an amount in euros, more than 0."""
    number = _exact(value)
    if isinstance(value, str) or number is None or number <= 0:
        return Refusal(
            f"{_shown(value)} n’est pas un montant plus grand que 0",
            "écrivez le nombre d’euros sans espace ni guillemets, par exemple 5400000",
        )
    return int(number) if number.denominator == 1 else float(number)


def parse_parameter(value: object, definition: Definition) -> object | Refusal:
    """Return a parameter of the method: exact, in its range.

    Returns
    -------
    object
        int, `Fraction`, bool, a text, a tuple of texts, or a tuple of pairs of a name and a
        `Fraction`, by the definition's kind.
    """
    special = _PARSERS.get(definition.kind)
    return _number(value, definition) if special is None else special(value, definition)


def _number(value: object, definition: Definition) -> int | Fraction | Refusal:
    number = _exact(value)
    if number is None or (definition.kind == "int" and isinstance(value, str)):
        return Refusal(f"{_shown(value)} n’est pas un nombre", _number_remedy(definition))
    if definition.kind == "int" and number.denominator != 1:
        return Refusal(f"{_shown(value)} n’est pas un nombre entier", "arrondissez à l’entier")
    if not definition.low <= number <= definition.high:
        unit = f" ({definition.unit})" if definition.unit else ""
        return Refusal(
            f"{_shown(value)} hors de {definition.low} à {definition.high}{unit}",
            "choisissez une valeur entre ces bornes, comprises",
        )
    return int(number) if definition.kind == "int" else number


def _flag(value: object, _definition: Definition) -> bool | Refusal:
    return parse_flag(value)


def _choice(value: object, definition: Definition) -> str | Refusal:
    text = value.strip() if isinstance(value, str) else ""
    if text in definition.choices:
        return text
    return Refusal(
        f"valeur {_shown(value)} inconnue ; valeurs acceptées : {', '.join(definition.choices)}",
        proposal(text, definition.choices) or f'écrivez par exemple "{definition.choices[0]}"',
    )


def _ratio(value: object, definition: Definition) -> Fraction | Refusal:
    number = _number(value, definition)
    return number if isinstance(number, Refusal) else Fraction(number)


def _by_class(value: object, definition: Definition) -> tuple[tuple[str, Fraction], ...] | Refusal:
    """Return a ratio of every class; a class that a table leaves out is one of the `autres`."""
    if not isinstance(value, dict):
        every = _ratio(value, definition)
        return every if isinstance(every, Refusal) else tuple((name, every) for name in CLASSES)
    ratios = _named(value, definition, (*CLASSES, _OTHERS))
    if isinstance(ratios, Refusal):
        return ratios
    missing = [name for name in CLASSES if name not in ratios]
    if missing and _OTHERS not in ratios:
        return Refusal(
            f"aucune valeur pour {', '.join(missing)}",
            f"ajoutez ces classes, ou « {_OTHERS} » pour toutes celles qui ne sont pas nommées",
        )
    return tuple((name, ratios.get(name, ratios.get(_OTHERS, Fraction(0)))) for name in CLASSES)


def _weights(value: object, definition: Definition) -> tuple[tuple[str, Fraction], ...] | Refusal:
    """Return the weight of each name, sorted by name."""
    if not isinstance(value, dict):
        return Refusal(
            f"{_shown(value)} n’est pas une table de poids",
            'écrivez par exemple { demandeurs_emploi = "1/2", population = "1/2" }',
        )
    ratios = _named(value, definition, ())
    if isinstance(ratios, Refusal):
        return ratios
    if not any(ratios.values()):
        return Refusal("aucun poids plus grand que 0", "donnez un poids à un indicateur au moins")
    return tuple(sorted(ratios.items()))


def _named(
    value: dict[str, object], definition: Definition, names: tuple[str, ...]
) -> dict[str, Fraction] | Refusal:
    """Return the ratio of each name of a table; any name goes when none is imposed."""
    ratios: dict[str, Fraction] = {}
    for name, item in value.items():
        if names and name not in names:
            return Refusal(
                f"classe {quoted(name)} inconnue ; classes acceptées : {', '.join(names)}",
                proposal(name, names) or "écrivez l’une des classes acceptées",
            )
        ratio = _ratio(item, definition)
        if isinstance(ratio, Refusal):
            return Refusal(f"« {name} » : {ratio.message}", ratio.remedy)
        ratios[name] = ratio
    return ratios


def _choices(value: object, definition: Definition) -> tuple[str, ...] | Refusal:
    texts = parse_texts(value)
    accepted = ", ".join(definition.choices)
    if isinstance(texts, Refusal) or not texts:
        return Refusal(
            f"{_shown(value)} n’est pas une liste d’au moins une valeur parmi {accepted}",
            f'écrivez par exemple ["{definition.choices[0]}"]',
        )
    unknown = [text for text in texts if text not in definition.choices]
    if unknown:
        return Refusal(
            f"valeur {quoted(unknown[0])} inconnue ; valeurs acceptées : {accepted}",
            proposal(unknown[0], definition.choices) or "écrivez l’une des valeurs acceptées",
        )
    return tuple(choice for choice in definition.choices if choice in texts)


_PARSERS: Mapping[str, Callable[[object, Definition], object | Refusal]] = {
    "bool": _flag,
    "choice": _choice,
    "choices": _choices,
    "by_class": _by_class,
    "weights": _weights,
}
"""Of the kinds that are not one number."""


def _number_remedy(definition: Definition) -> str:
    if definition.kind == "int":
        return "écrivez un nombre entier, sans espace ni guillemets"
    return 'écrivez un nombre (0.5) ou une fraction entre guillemets ("2/3")'


def _exact(value: object) -> Fraction | None:
    """Return a TOML number, or a number or fraction written as text, exactly."""
    if isinstance(value, str):
        return _exact_text(value.strip())
    if isinstance(value, Decimal):
        # An exponent of millions would be a number of millions of digits.
        small = value.is_finite() and abs(value.adjusted()) < _DIGITS
        return Fraction(value) if small else None
    return Fraction(value) if isinstance(value, int) and _is_int(value) else None


def _exact_text(text: str) -> Fraction | None:
    match = _RATIO.fullmatch(text)
    if match is None or (match[1] and int(match[1]) == 0):
        return None
    return Fraction(text.replace(",", "."))


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "« true »" if value else "« false »"
    if isinstance(value, int) and abs(value) >= 10**_DIGITS:
        return "un nombre démesuré"
    return quoted(str(value))
