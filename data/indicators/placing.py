"""Values published by commune, brought to the communes of today; nothing is lost in silence.

A published code may be that of a commune merged since, of a whole city whose arrondissements are
the units (Paris, Lyon, Marseille), or unknown. What can be done of it depends on the value: counts
add up, rates do not.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Literal

import pandas as pd

from coverage.frames import INDICATOR_COLUMNS
from coverage.rounding import largest_remainder
from data.indicators.public_tables import listed, warning
from data.study.faults import Findings, count
from data.study.filed_codes import repair_warnings, repaired

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from geo.territory import Territory

Nature = Literal["count", "rate", "flag"]
"""A count adds up and divides; a rate is that of one commune, or of a wider place that gives it
to each of its communes; a flag is true when one of its parts has it."""


def indicator_frame(rows: Iterable[tuple[str, str, float, str]] = ()) -> pd.DataFrame:
    """Return indicators sorted by name then commune: columns `INDICATOR_COLUMNS`."""
    frame = pd.DataFrame(list(rows), columns=list(INDICATOR_COLUMNS))
    frame = frame.astype({name: "str" for name in INDICATOR_COLUMNS if name != "valeur"})
    frame["valeur"] = frame["valeur"].astype("float64")
    return frame.sort_values(["indicateur", "commune", "source"], ignore_index=True)


def place_values(
    codes: Sequence[str],
    values: Sequence[float],
    territory: Territory,
    nature: Nature,
    *,
    file: str,
    what: str,
) -> tuple[dict[str, float], Findings]:
    """Return the value of each unit code, and what became of the others.

    Parameters
    ----------
    codes, values
        As published, one pair a commune; counts are whole numbers.
    what
        Name of the value in messages.
    """
    by_unit: dict[int, list[tuple[bool, float]]] = defaultdict(list)
    unknown: dict[str, float] = {}
    repairs = []
    former = cities = 0
    members = territory.members["commune"]
    for code, value in zip(codes, values, strict=True):
        known = code if code in members else repaired(code, "commune", members)
        if not known:
            unknown[code] = value
            continue
        if known != code:
            repairs.append((0, code, known))
        units = members[known].tolist()
        own = territory.codes[units[0]] == known
        former += not own and len(units) == 1
        cities += len(units) > 1
        for unit, part in zip(units, _parts(value, units, territory, nature), strict=True):
            by_unit[unit].append((own, part))
    placed, combined = _combined(by_unit, territory, nature)
    findings = Findings((), repair_warnings(file, "commune", repairs))
    findings += _unknown(unknown, territory, nature, file, what)
    if former:
        findings += _former(former, combined, nature, file, what)
    if cities:
        findings += _cities(cities, nature, file, what)
    return placed, findings


def _parts(value: float, units: list[int], territory: Territory, nature: Nature) -> list[float]:
    if nature != "count" or len(units) == 1:
        return [value] * len(units)
    people = [int(territory.population[unit]) for unit in units]
    return [float(part) for part in largest_remainder(round(value), people)]


def _combined(
    by_unit: dict[int, list[tuple[bool, float]]], territory: Territory, nature: Nature
) -> tuple[dict[str, float], int]:
    """Return one value a unit, and how many units have none because rates do not add up."""
    placed: dict[str, float] = {}
    undecided = 0
    for unit in sorted(by_unit):
        found = by_unit[unit]
        code = str(territory.codes[unit])
        if nature == "count":
            placed[code] = sum(value for _, value in found)
        elif nature == "flag":
            placed[code] = max(value for _, value in found)
        else:
            # The commune's own value stands for it, even if its limits have moved since.
            best = {value for own, value in found if own} or {value for _, value in found}
            if len(best) == 1:
                placed[code] = best.pop()
            else:
                undecided += 1
    return placed, undecided


def _unknown(
    unknown: dict[str, float], territory: Territory, nature: Nature, file: str, what: str
) -> Findings:
    if not unknown:
        return Findings()
    total = f" ({round(sum(unknown.values()))} au total)" if nature == "count" else ""
    found = count(len(unknown), "code de commune inconnu", "codes de communes inconnus")
    message = f"{found} (COG {territory.vintage}), {what} non placé{total} : {listed(unknown)}"
    return warning(file, "commune", message, "rien à faire si ces lieux sont hors de l’étude")


def _former(former: int, undecided: int, nature: Nature, file: str, what: str) -> Findings:
    done = {
        "count": "additionné dans la commune actuelle",
        "flag": "vrai dans la commune actuelle dès qu’il l’est dans une part",
        "rate": "celui de la commune actuelle quand elle en a un, jamais une moyenne",
    }[nature]
    found = count(former, "ancienne commune", "anciennes communes")
    left = f" ; {count(undecided, 'commune')} sans valeur, faute de choix" if undecided else ""
    return warning(file, "commune", f"{found} : {what} {done}{left}", "rien à faire")


def _cities(cities: int, nature: Nature, file: str, what: str) -> Findings:
    done = {
        "count": "réparti entre les arrondissements selon la population",
        "flag": "donné à chaque arrondissement",
        "rate": "donné à chaque arrondissement",
    }[nature]
    found = count(cities, "ville entière", "villes entières")
    message = f"{found} (Paris, Lyon ou Marseille) : {what} {done}"
    return warning(file, "commune", message, "préférez une source par arrondissement municipal")
