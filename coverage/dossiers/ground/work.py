"""What each facilitators' structure does today: ETP, hours at work, need held by extension."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from coverage.dossiers.ground.today import columns_of
from coverage.rounding import sums

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coverage.basis import Basis
    from coverage.model import Coverage


@dataclass(frozen=True)
class Work:
    """The work of one structure in the study's year.

    Attributes
    ----------
    name
        In the study.
    seat
        Longitude and latitude of its seat, None when not filed.
    etp
        Of its facilitators in force.
    supplies, scopes
        Rows of its supply nodes, and the classes that each serves.
    capacity_hours, work_hours, load
        What its posts can answer, what the fair flow has them do, and the ratio (None without
        capacity).
    reached_hours, extension_hours
        Need that its posts reach, shared with others or not, and the part of it held by
        undedicated extension.
    """

    name: str
    seat: tuple[float, float] | None
    etp: Fraction
    supplies: tuple[int, ...]
    scopes: tuple[tuple[str, ...], ...]
    capacity_hours: int
    work_hours: int
    load: Fraction | None
    reached_hours: int
    extension_hours: int


def find_work(coverage: Coverage, basis: Basis) -> dict[str, Work]:
    """Return the work of every structure whose perimeter is in force, by identifier."""
    rows: dict[str, list[int]] = {}
    for row, name in enumerate(basis.supply.table["structure_id"].tolist()):
        rows.setdefault(str(name), []).append(row)
    scopes = basis.supply.table["scope"].tolist()
    etp, names, seats = _etp(basis), coverage.study.structures["nom"], _seats(coverage)
    lent = _extension_hours(basis, rows)
    years = coverage.years.structures
    first = years[years["annee"] == coverage.study.year].set_index("structure_id")
    columns = ("capacite_h", "travail_h", "charge", "besoin_atteint_h")
    return {
        name: Work(
            name=str(names.get(name, name)),
            seat=seats.get(name),
            etp=etp[name],
            supplies=tuple(own),
            scopes=tuple(scopes[row] for row in own),
            capacity_hours=int(capacity),
            work_hours=int(work),
            load=charge,
            reached_hours=int(reached),
            extension_hours=lent.get(name, 0),
        )
        for (name, own), capacity, work, charge, reached in zip(
            rows.items(), *(first.loc[list(rows), column] for column in columns), strict=True
        )
    }


def _seats(coverage: Coverage) -> dict[str, tuple[float, float]]:
    placed = coverage.study.structures[["lon", "lat"]].dropna()
    return {
        str(name): (float(lon), float(lat))
        for name, lon, lat in zip(placed.index, placed["lon"], placed["lat"], strict=True)
    }


def _etp(basis: Basis) -> dict[str, Fraction]:
    posts = basis.posts[basis.posts["volet"] == "facilitateur"]
    found: dict[str, Fraction] = {}
    for name, etp in zip(posts["structure_id"], posts["etp"], strict=True):
        found[str(name)] = found.get(str(name), Fraction(0)) + etp
    return found


def _extension_hours(basis: Basis, rows: Mapping[str, list[int]]) -> dict[str, int]:
    """Return the need that each structure reaches by undedicated extension, by identifier."""
    scopes = basis.supply.table["scope"].tolist()
    columns = {
        name: columns_of({class_ for row in own for class_ in scopes[row]})
        for name, own in rows.items()
    }
    signature = basis.atoms.table["signature"].to_numpy()
    need = sums(basis.decision.need, signature, len(basis.atoms.signatures))
    found: dict[str, int] = {}
    for number, pairs in enumerate(basis.atoms.signatures):
        for name, nature in pairs:
            if nature == "extension":
                found[name] = found.get(name, 0) + int(need[number, columns[name]].sum())
    return found
