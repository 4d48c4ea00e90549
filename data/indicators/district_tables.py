"""Tables of quartiers prioritaires without contours: their population, their list by commune."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from coverage.rounding import largest_remainder
from data.indicators.communes import COMMUNE
from data.indicators.districts import POPULATION, codes_of
from data.indicators.placing import indicator_frame, place_values
from data.indicators.public_tables import Format, listed, numbers, read_public, warning
from data.study.cells import Refusal
from data.study.faults import Findings, count
from data.study.place_names import PlaceNames

if TYPE_CHECKING:
    from pathlib import Path

    from data.indicators.communes import Read
    from geo.territory import Territory

POPULATIONS = Format(
    "la population des quartiers prioritaires (Insee)",
    {"code": ("code_qp",), "population": ("pop_mun",), "communes": ("nom_commune", "lib_com")},
)
DISTRICT_LIST = Format(
    "la liste des quartiers prioritaires et de leurs communes (ANCT)",
    {"code": ("code_qp",), "communes": ("insee_com", *COMMUNE)},
)
NUMBER = "nombre_qpv"
_DEPARTEMENT = slice(2, 5)
"""Where a district's code tells its département, on three characters: QP009001, QN97101M."""


def read_district_populations(path: Path, territory: Territory) -> Read:
    """Return `population_qpv` of a table that names the communes of each district.

    Names are read in the département of the code. Without contours, the inhabitants of a district
    of several communes are shared by the population of these, and it is said.
    """
    table, findings = read_public(path, POPULATIONS)
    if table is None:
        return indicator_frame(), None, findings
    names = PlaceNames(territory)
    totals: dict[str, int] = defaultdict(int)
    lost, several, unknown = [], [], []
    rows = table.frame.with_columns(number=numbers("population")).sort("code")
    for code, text, people in rows.select("code", "communes", "number").iter_rows():
        if people is None:
            unknown.append(code)
            continue
        units = _named(text, code, names)
        if not units:
            lost.append(f"{code} ({text})")
            continue
        if len(units) > 1:
            several.append(code)
        weights = [int(territory.population[unit]) for unit in units]
        for unit, part in zip(units, largest_remainder(round(people), weights), strict=True):
            totals[str(territory.codes[unit])] += part
    facts = (
        (several, "réparti selon la population de ses communes, faute de contour"),
        (lost, "non placé, sa commune n’est pas reconnue"),
        (unknown, "sans population, donc inconnue, ce qui n’est pas zéro"),
    )
    findings += _told(facts, table.file)
    indicators = ((unit, POPULATION, float(each), table.file) for unit, each in totals.items())
    return indicator_frame(indicators), table.entry, findings


def read_district_list(path: Path, territory: Territory) -> Read:
    """Return `nombre_qpv`: how many districts the list gives to each commune.

    A whole city (Paris, Lyon, Marseille) is left out: the list does not tell the arrondissement.
    """
    table, findings = read_public(path, DISTRICT_LIST)
    if table is None:
        return indicator_frame(), None, findings
    pairs = {
        (code, each)
        for code, text in table.frame.select("code", "communes").iter_rows()
        for each in codes_of(text)
    }
    members = territory.members["commune"]
    cities = sorted({each for _, each in pairs if len(members.get(each, ())) > 1})
    tally: dict[str, int] = defaultdict(int)
    for _, each in sorted(pairs):
        if each not in cities:
            tally[each] += 1
    placed, found = place_values(
        list(tally),
        list(map(float, tally.values())),
        territory,
        "count",
        file=table.file,
        what="leur nombre de quartiers",
    )
    if cities:
        message = (
            f"{listed(cities)} : la liste ne dit pas l’arrondissement, leurs quartiers ne sont "
            "pas comptés"
        )
        findings += warning(table.file, "insee_com", message, "déposez plutôt les contours")
    rows = ((code, NUMBER, value, table.file) for code, value in placed.items())
    return indicator_frame(rows), table.entry, findings + found


def _named(text: str, code: str, names: PlaceNames) -> list[int]:
    """Return the unit rows of the communes named, none when one of them is not recognised."""
    departement = code[_DEPARTEMENT].removeprefix("0")
    units: set[int] = set()
    for name in text.split(","):
        found = names.read("commune", f"{name.strip()} ({departement})", propose=False)
        if isinstance(found, Refusal):
            return []
        units |= {int(unit) for unit in names.territory.members["commune"][found]}
    return sorted(units)


def _told(facts: tuple[tuple[list[str], str], ...], file: str) -> Findings:
    findings = Findings()
    for codes, what in facts:
        if codes:
            message = f"{what} : {count(len(codes), 'quartier')} ({listed(codes)})"
            findings += warning(file, "code_qp", message, "rien à faire")
    return findings
