"""What a saved scenario changes, in words: modifications, settings, rules, decisions."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from api.catalogue import text
from api.scenarios.overlay import overlay_of
from coverage.parameters import definitions
from coverage.proposals.rules import with_rules
from coverage.wording import THIN, decimal, percent, whole
from data.calls.read import read_call
from geo.errors import InputErrors
from maps.drawn import NATURE_NAMES
from maps.parameter_lines import LABELS
from maps.scenarios.words import changes_in_words
from maps.web.editable import LEVELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.scenarios.content import Content, Kept
    from coverage.model import Coverage


@dataclass(frozen=True)
class Line:
    """One thing that one of two contents changes, and which of them."""

    words: str
    theirs: bool
    mine: bool


def lines_of(name: str, content: Content, coverage: Coverage) -> list[str]:
    """Return what a scenario changes, a French phrase each.

    Parameters
    ----------
    coverage
        Of the study served, which gives the names and the values before.
    """
    return [
        *(modification_words(each, coverage) for each in content.modifications),
        *_settings(name, content, coverage),
    ]


def differences(name: str, theirs: Content, mine: Content, coverage: Coverage) -> list[Line]:
    """Return what two contents of one scenario change, what differs first."""
    listed = [_told(name, own, coverage) for own in (theirs, mine)]
    every = dict.fromkeys((*listed[0], *listed[1]))
    lines = [Line(words, words in listed[0], words in listed[1]) for words in every]
    return sorted(lines, key=lambda line: line.theirs and line.mine)


def _told(name: str, content: Content, coverage: Coverage) -> list[str]:
    told = lines_of(name, content, coverage)
    if content.description:
        told.insert(0, f"description : {content.description}")
    return [*told, "archivé"] if content.archive else told


def _settings(name: str, content: Content, coverage: Coverage) -> list[str]:
    try:
        scenario = overlay_of(name, content)
    except InputErrors as error:
        # A setting that this version of the program refuses is told as it is refused.
        return [str(each) for each in error.faults]
    study = coverage.study
    under = scenario.overlaid(study)
    before, after = (
        (own.parameters, with_rules(read_call(), own.call).rules) for own in (study, under)
    )
    return changes_in_words(scenario, before, after)


def modification_words(kept: Kept, coverage: Coverage) -> str:
    """Say what a modification changes, by what its row said when it was written."""
    asked = kept.demande
    cells = {} if kept.repere is None else kept.repere.cellules
    structure = _structure(getattr(asked, "structure_id", cells.get("structure_id", "")), coverage)
    place = _place(cells or vars(asked), coverage)
    nature = NATURE_NAMES.get(getattr(asked, "nature", cells.get("nature", "")), "")
    # The same words as beside the map.
    values: dict[str, str] = {"structure": structure, "nature": nature, "lieu": place}
    match asked.action:
        case "etp":
            values |= {"avant": _number(cells.get("etp", "")), "apres": _etp(asked.etp)}
        case "ajout_poste":
            values["etp"] = _etp(asked.etp)
        case "retrait_poste":
            values["etp"] = _etp(cells.get("etp", ""))
        case "parametre":
            before = Fraction(getattr(coverage.study.parameters, asked.nom))
            values |= {
                "nom": LABELS[asked.nom],
                "avant": _value(asked.nom, before),
                "apres": _value(asked.nom, Fraction(asked.valeur.replace(",", "."))),
            }
    return text(f"essai.dit_{asked.action}", **values)


def _structure(name: str, coverage: Coverage) -> str:
    structures = coverage.study.structures
    return str(structures.loc[name, "nom"]) if name in structures.index else name


def _place(cells: Mapping[str, str], coverage: Coverage) -> str:
    level, code = cells.get("niveau", ""), cells.get("code", "")
    names = coverage.territory.names.get(level, {})
    return f"{LEVELS.get(level, level)} {names.get(code, code)} ({code})"


def _number(written: str) -> str:
    """Write an exact number as French does, a fraction where no decimal is exact."""
    try:
        value = Fraction(written.replace(",", "."))
    except ValueError:
        return written
    short = decimal(value, 2)
    exact = Fraction(short.replace(",", ".").replace(THIN, "")) == value
    return short.rstrip("0").rstrip(",") if exact and "," in short else str(value)


def _etp(written: str) -> str:
    return f"{_number(written)}\u00a0ETP"


def _value(name: str, value: Fraction) -> str:
    if definitions()[name].kind != "ratio":
        return f"{whole(int(value))}\u00a0h"
    return percent(value) if (value * 1000).denominator == 1 else str(value)
