"""State services of the example: real seats, and accompaniment that nobody told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from data.example.buyers import HOSPITALS, OPERATORS, STATE, siret
from data.example.names import identifier, of_departement, of_town

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from random import Random

    from data.example.network import Ground
    from data.example.tables import Network
    from geo.territory import Territory

COLUMNS = (
    *("service_id", "nom", "type", "siret", "commune", "accompagne", "structure_id"),
    "heures",
)
"""Columns of `services_etat.csv`."""

_PREFECTURES = (
    "01053 02408 03190 04070 05061 06088 07186 08105 09122 10387 11069 12202 13206 14118 15014 "
    "16015 17300 18033 19272 2A004 2B033 21231 22278 23096 24322 25056 26362 27229 28085 29232 "
    "30189 31555 32013 33063 34172 35238 36044 37261 38185 39300 40192 41018 42218 43157 44109 "
    "45234 46042 47001 48095 49007 50502 51108 52121 53130 54395 55029 56260 57463 58194 59350 "
    "60057 61001 62041 63113 64445 65440 66136 67482 68066 69383 70550 71270 72181 73065 74010 "
    "75104 76540 77288 78646 79191 80021 81004 82121 83137 84007 85191 86194 87085 88160 89024 "
    "90010 91228 92050 93008 94028 95127 97105 97209 97302 97411 97611"
)
"""Communes where préfectures sit (Code officiel géographique); in Paris, Lyon and Marseille, their
arrondissement."""

_NO_DDT = ("75", "92", "93", "94", "971", "972", "973", "974", "976")
"""Départements whose territorial directorate is regional: DRIEAT, DEAL, DGTM, DEALM."""

_COASTAL = "06 11 13 14 17 22 29 2A 2B 30 33 34 35 40 44 50 56 59 62 64 66 76 80 83 85 27"
"""Départements whose directorate is also of the sea (DDTM)."""

_FORMS = {
    "prefecture": "Préfecture (exemple fictif) {}",
    "sous_prefecture": "Sous-préfecture (exemple fictif) {}",
    "ddt": "DDT (exemple fictif) {}",
    "ddtm": "DDTM (exemple fictif) {}",
    "universite": "Université (exemple fictif) {}",
    "hopital": "Centre hospitalier (exemple fictif) {}",
}
_KINDS = {"ddtm": "ddt"}
"""What the name tells apart and the type does not."""

_UNIVERSITIES, _HOSPITALS = 20, 28
_COVERED = {"oui": 45, "non": 17, "inconnu": 38}
_UNCOVERED = {"non": 30, "inconnu": 70}

_GROUND_BY_ITSELF = ("sous_prefecture", "48061")
"""A service not accompanied in a territory that has little need: a ground by itself."""

WITH_HOURS = {
    ("prefecture", "64445"): (5_200, siret(STATE, 9_001)),
    ("prefecture", "95127"): (9_800, siret(STATE, 9_002)),
    ("ddt", "2A004"): (1_900, siret(STATE, 9_003)),
    ("universite", "66136"): (2_400, siret(OPERATORS, 9_001)),
    ("hopital", "79191"): (3_100, siret(HOSPITALS, 9_001)),
}
"""Services that tell their hours, where nothing else tells them: (type, commune) → hours, SIRET."""

COUNTED_ALREADY = {("prefecture", "29232"): (4_000, siret(STATE, 11))}
"""One whose contracts tell its hours already, under the same SIREN: its own are not added."""


@dataclass(frozen=True, order=True)
class _Service:
    kind: str
    row: int
    of: str
    """What its name says after its kind."""


def service_rows(ground: Ground, network: Network, rng: Random) -> list[tuple[object, ...]]:
    """Return the lines of `services_etat`, by identifier."""
    territory = ground.territory
    holders = _holders(ground, network)
    told = WITH_HOURS | COUNTED_ALREADY
    departement = territory.units["departement"].to_numpy(dtype=object)
    rows = []
    for service in sorted(_services(territory, rng)):
        code = str(territory.codes[service.row])
        chances = _COVERED if service.row in holders else _UNCOVERED
        state = rng.choices(list(chances), list(chances.values()))[0]
        kind = _KINDS.get(service.kind, service.kind)
        if (kind, code) == _GROUND_BY_ITSELF:
            state = "non"
        hours, number = told.get((kind, code), ("", ""))
        rows.append(
            (
                identifier(departement[service.row], service.kind, service.of),
                _FORMS[service.kind].format(service.of),
                kind,
                number,
                code,
                state,
                holders[service.row] if state == "oui" else "",
                hours,
            )
        )
    return sorted(rows)


def _services(territory: Territory, rng: Random) -> Iterator[_Service]:
    towns = territory.units["name"].tolist()
    departements = territory.units["departement"].tolist()
    seats = [int(territory.resolve("commune", code)[0]) for code in _PREFECTURES.split()]
    for row in seats:
        code = departements[row]
        of_it = of_departement(code, territory.names["departement"][code])
        yield _Service("prefecture", row, of_it)
        if code not in _NO_DDT:
            yield _Service("ddtm" if code in _COASTAL.split() else "ddt", row, of_it)
    for row in _other_seats(territory, set(seats)):
        yield _Service("sous_prefecture", row, of_town(towns[row]))
    for kind, count in (("universite", _UNIVERSITIES), ("hopital", _HOSPITALS)):
        told = [int(territory.resolve("commune", c)[0]) for k, c in WITH_HOURS if k == kind]
        others = [row for row in seats if row not in told]
        for row in [*told, *rng.sample(others, count - len(told))]:
            yield _Service(kind, row, of_town(towns[row]))


def _other_seats(territory: Territory, prefectures: set[int]) -> Iterator[int]:
    """Yield the communes that give their name to an arrondissement, préfectures left out.

    A seat that merged has a longer name than its arrondissement (Florac), or a shorter one
    (Fougères-Vitré).
    """
    names = territory.names["arrondissement"]
    units = territory.units
    cities = {
        row for rows in territory.members["commune"].values() if len(rows) > 1 for row in rows
    }
    found: dict[str, tuple[bool, int, int]] = {}
    for row, (code, town) in enumerate(zip(units["arrondissement"], units["name"], strict=True)):
        seat, name = (text.replace("-", " ") for text in (names.get(code, ""), town))
        if seat and (f"{name} ".startswith(f"{seat} ") or seat.startswith(f"{name} ")):
            rank = (name == seat, int(territory.population[row]), row)
            found[code] = max(found.get(code, rank), rank)
    rows = sorted(row for *_, row in found.values())
    yield from (row for row in rows if row not in prefectures | cities)


def _holders(ground: Ground, network: Network) -> Mapping[int, str]:
    """Return a structure with a post for each unit that principal perimeters hold."""
    active: Sequence[int] = sorted({post.structure for post in network.posts})
    found: dict[int, str] = {}
    for number in active:
        sketch = network.sketches[number]
        rows = [ground.places[code].rows for code in sketch.held]
        rows += [
            ground.territory.resolve(p.niveau, p.code)
            for p in sketch.perimeters
            if p.etat == "valide" and p.nature != "extension"
        ]
        for row in (unit for own in rows for unit in own.tolist()):
            found.setdefault(row, network.ids[number])
    return found
