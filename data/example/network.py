"""The network of the example: which structures exist and which places each holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from data.example.names import of_departement, of_town, plain_name, short_name
from data.example.places import PARIS, list_places, neighbours

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from random import Random

    from data.example.places import Place
    from geo.territory import Territory


@dataclass(frozen=True, order=True)
class Perimeter:
    """One line of `perimetres`, of a facilitator."""

    niveau: str
    code: str
    nature: str = "principal"
    etat: str = "valide"


@dataclass
class Sketch:
    """A structure being drawn.

    Attributes
    ----------
    kind
        As `data.example.names` knows it.
    subject
        What its name says after its kind.
    seat
        Unit row where it sits.
    held
        Codes of the places it holds whole, its own first; empty for a perimeter of other levels.
    perimeters
        Those that `held` does not say.
    """

    kind: str
    subject: str
    departement: str
    region: str
    seat: int
    held: list[str] = field(default_factory=list)
    perimeters: list[Perimeter] = field(default_factory=list)


@dataclass(frozen=True)
class Ground:
    """What structures are drawn on."""

    territory: Territory
    places: Mapping[str, Place]
    touching: Mapping[str, Sequence[str]]

    def of_departement(self, departement: str) -> list[Place]:
        """Return the places of a département, most populous first."""
        own = [p for p in self.places.values() if p.departement == departement]
        return sorted(own, key=lambda p: (-p.population, p.code))


def make_ground(territory: Territory) -> Ground:
    """Return the places of a territory with their neighbours."""
    places = list_places(territory)
    return Ground(territory, places, neighbours(territory, places))


_PLAN_OF = {
    **dict.fromkeys(("48", "975", "976"), "nu"),
    **dict.fromkeys(("29", "57", "62"), "arrondissements"),
    **dict.fromkeys(("66", "79", "88", "91", "972", "974"), "maillage"),
    **dict.fromkeys(("22", "35", "77", "83", "84", "95", "973"), "partiel"),
    **dict.fromkeys(("78", "971"), "departement"),
    **dict.fromkeys(("2A", "2B"), "ville centre"),
    **dict.fromkeys((PARIS, "92", "93", "94"), "grand paris"),
}
"""Plans that are not drawn at random."""
LEFT_IN_GREATER_PARIS = frozenset({"200058790", "200057990"})
"""EPT with no structure of their own: Grand Paris Grand Est, Boucle Nord de Seine."""
_NO_DEPARTEMENT = frozenset({"67", "68", "69"})
"""Where the département as a collectivité does not exist as such, or not everywhere."""
_PLANS = {
    300_000: {"maillage": 18, "partiel": 60, "departement": 22},
    800_000: {"maillage": 30, "partiel": 54, "departement": 16},
    9_999_999: {"maillage": 48, "partiel": 40, "departement": 12},
}
"""Chances of a plan by population of the département, up to each key."""
_STRUCTURES_AT_650_000 = 4.15
_LARGE_PLACE = 100_000
_METROPOLIS = 600_000
_INHABITANTS_BY_TOWN_STRUCTURE = 450_000


def draw_network(ground: Ground, rng: Random) -> list[Sketch]:
    """Return the structures of the whole country, by département."""
    sketches = []
    for departement in sorted({place.departement for place in ground.places.values()}):
        own = ground.of_departement(departement)
        people = sum(place.population for place in own)
        plan = _PLAN_OF.get(departement) or _random_plan(departement, people, rng)
        count = max(1, round(_STRUCTURES_AT_650_000 * (people / 650_000) ** 0.8))
        if plan == "maillage":
            sketches += _mesh(ground, own, count, 1.0, rng)
        elif plan == "partiel":
            sketches += _mesh(ground, own, count, rng.uniform(0.33, 0.60), rng)
        elif plan == "departement":
            sketches.append(_whole_departement(ground, departement, own[0]))
            sketches += _mesh(ground, own, max(1, count - 1), 0.3, rng)
        elif plan == "arrondissements":
            sketches += _by_arrondissement(ground, departement, own[0].region, rng)
        elif plan == "ville centre":
            sketches += _mesh(ground, own, 1, 0.0, rng)
        elif plan == "grand paris":
            sketches += [_local(p, rng) for p in own if p.code not in LEFT_IN_GREATER_PARIS]
        sketches += _in_towns(ground, own, rng)
    corse = ground.of_departement("2A")[0]
    whole = Perimeter("region", corse.region)
    return [
        *sketches,
        Sketch("region", "de Corse", "2A", corse.region, corse.seat, perimeters=[whole]),
    ]


def _random_plan(departement: str, people: int, rng: Random) -> str:
    chances = next(chances for limit, chances in _PLANS.items() if people <= limit)
    plan = rng.choices(list(chances), list(chances.values()))[0]
    return "maillage" if plan == "departement" and departement in _NO_DEPARTEMENT else plan


def _mesh(
    ground: Ground, own: Sequence[Place], count: int, share: float, rng: Random
) -> list[Sketch]:
    """Grow structures from the main places, in turn, until a share of inhabitants is held.

    Each takes the place nearest to its own (in borders crossed) that nobody holds: what it
    holds is in one piece.
    """
    seeds = _seeds(ground, own, count)
    sketches = [_local(place, rng) for place in seeds]
    free = {place.code: place for place in own if place not in seeds}
    people = [place.population for place in seeds]
    depth = {place.code: 0 for place in seeds}
    goal = share * sum(place.population for place in own)
    growing = set(range(len(seeds)))
    while growing and sum(people) < goal:
        number = min(growing, key=lambda k: (people[k], k))
        edge = [
            (depth[held] + 1, -free[other].population, other)
            for held in sketches[number].held
            for other in ground.touching[held]
            if other in free
        ]
        if not edge:
            growing.remove(number)
            continue
        steps, _, code = min(edge)
        depth[code] = steps
        people[number] += free.pop(code).population
        sketches[number].held.append(code)
    return sketches


def _seeds(ground: Ground, own: Sequence[Place], count: int) -> list[Place]:
    """Return the main places, apart from each other unless they are large."""
    chosen: list[Place] = []
    for place in own:
        near = any(place.code in ground.touching[other.code] for other in chosen)
        if len(chosen) < count and (place.population >= _LARGE_PLACE or not near):
            chosen.append(place)
    return chosen


_LOCAL_KINDS = {
    "large": {"plie": 46, "epci": 22, "maison": 16, "gip": 8, "association": 8},
    "small": {"plie": 34, "epci": 10, "maison": 12, "gip": 6, "association": 32, "cias": 6},
}


def _local(place: Place, rng: Random) -> Sketch:
    kinds = _LOCAL_KINDS["large" if place.population >= _LARGE_PLACE else "small"]
    kind = rng.choices(list(kinds), list(kinds.values()))[0]
    if place.code == PARIS:
        kind = "maison"
    name = of_town(place.name) if place.code == PARIS else short_name(place.name)
    subject = plain_name(place.name) if kind == "epci" else name
    return Sketch(kind, subject, place.departement, place.region, place.seat, [place.code])


def _whole_departement(ground: Ground, departement: str, main: Place) -> Sketch:
    name = of_departement(departement, ground.territory.names["departement"][departement])
    whole = Perimeter("departement", departement)
    return Sketch("departement", name, departement, main.region, main.seat, perimeters=[whole])


def _by_arrondissement(ground: Ground, departement: str, region: str, rng: Random) -> list[Sketch]:
    territory = ground.territory
    own = territory.units["departement"].eq(departement).to_numpy()
    codes = sorted(set(territory.units["arrondissement"].to_numpy()[own]) - {""})
    sketches = []
    for code in codes:
        rows = territory.resolve("arrondissement", code)
        seat = int(rows[territory.population[rows].argmax()])
        subject = f"de l’arrondissement {of_town(territory.names['arrondissement'][code])}"
        kind = rng.choice(("plie", "plie", "association", "gip"))
        whole = Perimeter("arrondissement", code)
        sketches.append(Sketch(kind, subject, departement, region, seat, perimeters=[whole]))
    return sketches


def _in_towns(ground: Ground, own: Sequence[Place], rng: Random) -> list[Sketch]:
    """Return the structures of the main towns of a metropolis, inside its own."""
    territory = ground.territory
    cities = {
        int(row): code
        for code, rows in sorted(territory.members["commune"].items())
        if len(rows) > 1 and code != "75056"
        for row in rows
    }
    sketches = []
    for place in own:
        if place.population < _METROPOLIS or place.code == PARIS:
            continue
        people: dict[str, int] = {}
        for row in place.rows.tolist():
            code = cities.get(row, str(territory.codes[row]))
            people[code] = people.get(code, 0) + int(territory.population[row])
        towns = sorted(people, key=lambda code: (-people[code], code))
        for code in towns[: place.population // _INHABITANTS_BY_TOWN_STRUCTURE]:
            rows = territory.resolve("commune", code)
            seat = int(rows[territory.population[rows].argmax()])
            subject = of_town(territory.names["commune"][code])
            town = Perimeter("commune", code)
            kind = rng.choice(("ville", "maison", "maison"))
            sketches.append(
                Sketch(kind, subject, place.departement, place.region, seat, perimeters=[town])
            )
    return sketches
