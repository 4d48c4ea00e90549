"""The form of an application as its pages show it: boxes, lines, and what is found in each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.facts.applications import gravest_first
from api.facts.names import LEVEL_NAMES as TERRITORY_NAMES
from coverage.dossiers.model import CONFORM, CONTRARY, INCOMPLETE
from coverage.dossiers.rules.texts import line_count
from coverage.parameters import CLASSES
from coverage.proposals.application import GIVEN, MISSING, NOT_CONCERNED
from coverage.proposals.justification import GROUND_NAMES
from coverage.wording import FUNDER_NAMES, plural, whole
from data.applications.drafted import lines_of
from data.applications.form import FORM
from data.applications.form_labels import LABELS
from data.applications.walk import plain_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from coverage.dossiers.model import Finding
    from data.applications.form import Field
    from geo.territory import Territory

_STATUT_NAMES = {
    "association": "association",
    "collectivite": "collectivité territoriale",
    "epci_ept": "EPCI ou EPT",
    "epa_local": "établissement public administratif local",
    "epa_etat": "établissement public administratif de l’État",
    "gip": "groupement d’intérêt public",
    "reseau_emploi": "réseau de l’emploi",
    "autre": "autre",
}
_STATE_NAMES = {GIVEN: "fournie", MISSING: "manquante", NOT_CONCERNED: "sans objet"}
_CHOICE_NAMES = {
    "niveau": TERRITORY_NAMES,
    "nature": {},
    "motif_etp": GROUND_NAMES,
    "statut_juridique": _STATUT_NAMES,
    "type": FUNDER_NAMES,
    "volet": {},
}
"""Last name of a key → names of its values, themselves where they are words; the other choices
are states of attachments."""

_FLAG_NAMES = {"oui": "oui", "non": "non"}
_MODES = {"hundredths": "decimal", "cents": "decimal", "number": "decimal", "siret": "numeric"}
_BUYER = "donneur_ordre"
_DIAGNOSIS = "etat_des_lieux.diagnostic"
_ROWS, _FEW_ROWS = 10, 5


@dataclass(frozen=True)
class Box:
    """A box of the form.

    Attributes
    ----------
    id
        In the page.
    widget
        `texte`, `long`, `liste`.
    choices
        Value and name: of a list, or what a text is proposed.
    mode
        Keyboard that a telephone shows.
    wide, rows
        Room for what is typed.
    measure
        How long the text is, or the place that a code names; empty for the others.
    findings
        What is found there, the gravest first.
    odd
        Whether what is written cannot stay.
    """

    key: str
    id: str
    label: str
    help: str
    text: str
    widget: str
    choices: tuple[tuple[str, str], ...]
    mode: str
    wide: bool
    rows: int
    measure: str
    findings: tuple[Finding, ...]
    odd: bool


@dataclass(frozen=True)
class Line:
    """One line of a list; the last one is to be filled."""

    key: str
    id: str
    rank: int
    filled: bool
    boxes: tuple[Box, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Lines:
    """A list of the form.

    Attributes
    ----------
    levels
        Value and name of each level, of a list of codes.
    """

    key: str
    id: str
    label: str
    help: str
    lines: tuple[Line, ...]
    findings: tuple[Finding, ...]
    levels: tuple[tuple[str, str], ...] = ()


def box_id(key: str) -> str:
    """Return the identifier of a box in its page.

    >>> box_id("budget.cofinanceurs[2].nom")
    'c-budget-cofinanceurs-2-nom'
    """
    return "c-" + re.sub(r"[.\[\]]+", "-", key).strip("-")


def places_of(texts: Mapping[str, str], territory: Territory) -> dict[str, str]:
    """Return the name of the place of each code written, by the key of its box."""
    found = {}
    for key, code in texts.items():
        line, _, name = key.rpartition(".")
        level = texts.get(f"{line}.niveau", "")
        if name == "code" and code in territory.names.get(level, {}):
            found[key] = f"{territory.names[level][code]} ({TERRITORY_NAMES[level]})"
    return found


def parts_of(
    table: str,
    texts: Mapping[str, str],
    findings: Iterable[Finding],
    places: Mapping[str, str],
) -> list[Box | Lines]:
    """Return the boxes and lists of one table of the form, in its order.

    Parameters
    ----------
    findings
        All of them: those of a box, a line or a list are shown there.
    places
        Names of the places of codes, by key (`places_of`).
    """
    told: dict[str, list[Finding]] = {}
    for each in gravest_first(findings):
        if each.level != CONFORM:
            told.setdefault(each.place, []).append(each)
    return list(_parts(FORM[table].keys, table, Filled(texts, told, places)))


def boxes_of(parts: Iterable[Box | Lines]) -> Iterator[Box]:
    """Give the boxes of a table, those of lines included."""
    for part in parts:
        if isinstance(part, Lines):
            yield from (box for line in part.lines for box in line.boxes)
        else:
            yield part


def beside(parts: Iterable[Box | Lines], findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings to treat that no box nor list of a table shows."""
    listed = list(parts)
    shown = {box.key for box in boxes_of(listed)}
    for part in listed:
        if isinstance(part, Lines):
            shown |= {part.key, *(line.key for line in part.lines)}
    return [
        each
        for each in gravest_first(findings)
        if each.level != CONFORM and each.place not in shown
    ]


@dataclass(frozen=True)
class Filled:
    """What is written in the boxes, what is found there, and the places that codes name."""

    texts: Mapping[str, str]
    told: Mapping[str, Sequence[Finding]]
    places: Mapping[str, str]


def _parts(keys: Mapping[str, Field], at: str, filled: Filled) -> Iterator[Box | Lines]:
    for name, field in keys.items():
        key = f"{at}.{name}"
        if field.kind == "tables":
            yield _lines(key, field, filled)
        elif field.kind == "table":
            yield from _parts(field.keys, key, filled)
        else:
            yield _box(key, field, filled)


def _lines(key: str, field: Field, filled: Filled) -> Lines:
    count, told = lines_of(filled.texts, key), filled.told
    lines = []
    for rank in range(1, count + 2):
        at = f"{key}[{rank}]"
        boxes = [_box(f"{at}.{name}", each, filled) for name, each in field.keys.items()]
        lines.append(
            Line(at, box_id(at), rank, rank <= count, tuple(boxes), tuple(told.get(at, ())))
        )
    label, levels = LABELS[key], field.keys.get("niveau")
    return Lines(
        key=key,
        id=box_id(key),
        label=label.label,
        help=label.help,
        lines=tuple(lines),
        findings=tuple(told.get(key, ())),
        levels=()
        if levels is None
        else tuple((each, TERRITORY_NAMES[each]) for each in levels.choices),
    )


def _box(key: str, field: Field, filled: Filled) -> Box:
    text, label = filled.texts.get(key, ""), LABELS[plain_key(key)]
    findings = tuple(filled.told.get(key, ()))
    choices = _choices(key, field, text)
    listed = field.kind in ("choice", "flag")
    long = label.long or "\n" in text
    return Box(
        key=key,
        id=box_id(key),
        label=_own_label(key, label.label),
        # A list shows what it accepts.
        help="" if field.kind == "flag" else label.help,
        text=text,
        widget="liste" if listed else "long" if long else "texte",
        choices=choices,
        mode=_MODES.get(field.kind, "text"),
        wide=field.kind == "text",
        rows=_ROWS if key == _DIAGNOSIS else _FEW_ROWS,
        measure=_measure(key, text, label.most) if long else filled.places.get(key, ""),
        findings=findings,
        odd=bool(text) and any(each.level in (INCOMPLETE, CONTRARY) for each in findings),
    )


def _own_label(key: str, label: str) -> str:
    """Return the label of a box; in a line, its list has named the volet."""
    return label.rpartition(", volet ")[0] or label if "[" in key else label


def _choices(key: str, field: Field, text: str) -> tuple[tuple[str, str], ...]:
    last = key.rpartition(".")[2]
    if field.kind == "flag":
        names = _FLAG_NAMES
    elif last == _BUYER:
        return tuple((value, value) for value in CLASSES)
    elif field.kind != "choice":
        return ()
    else:
        names = _CHOICE_NAMES.get(last, _STATE_NAMES)
        names = {value: names.get(value, value) for value in field.choices}
    odd = () if text in ("", *names) else ((text, f"{text} (valeur inconnue)"),)
    return (*odd, *names.items())


def _measure(key: str, text: str, most: int) -> str:
    signs = f"{plural(len(text), 'signe', 'signes')} sur {whole(most)}"
    if key != _DIAGNOSIS:
        return signs
    return f"{plural(line_count(text), 'ligne', 'lignes')}, {signs}"
