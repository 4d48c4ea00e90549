"""Studies filed by codes on the real communes, against the naive reference.

Every study holds the cases that are easy to get wrong: a coordinator's regional perimeter,
structures without a post or with one that ended, codes filed twice, an EPCI that nobody files,
extensions over someone's principal, posts for the State alone, needs that are zero, unknown,
of another year, filed for a whole city or for a commune déléguée. Needs are filed on a sample
of communes, so that the linear programs stay small without merging anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import naive
import pytest
from agreement import assert_agrees
from builders import exhaustive, make_study, need, perimeter, post, seeded, structure
from effort import chosen
from naive_flows import served_at_most
from part_of_france import regions_alone

from coverage.parameters import CLASSES
from coverage.study import compute

if TYPE_CHECKING:
    import random

    from coverage.model import Coverage, Study
    from geo.territory import Territory

STATUSES = {"non_couverte", "limitrophe", "donnee_manquante", "capacite_insuffisante", "couverte"}
SAMPLE = 150
SEEDS = chosen((0, 5, 3), 2)
YEAR = 2023


@dataclass(frozen=True)
class Place:
    """Where a study is drawn.

    Attributes
    ----------
    codes
        (niveau, code) whose units make the study.
    shares
        Level of the perimeters that structures file.
    coordinated
        Région of the coordinator.
    outside
        (niveau, code) that a structure reaches and where nothing is known.
    city
        Code of a city of arrondissements, if any.
    exhaustive
        (class, région, département) of the sources declared exhaustive.
    around
        Régions that all of this is in: the rest of the country would only take time.
    """

    codes: tuple[tuple[str, str], ...]
    shares: str
    coordinated: str
    regions: tuple[str, ...] = ()
    outside: tuple[str, str] | None = None
    city: str = ""
    year: int = YEAR
    exhaustive: tuple[tuple[str, str, str], ...] = ()
    around: tuple[str, ...] = ()


PLACES = {
    "bretagne": Place(
        (("region", "53"),),
        "epci",
        "53",
        regions=("53",),
        outside=("departement", "44"),
        exhaustive=(("hopitaux", "", "35"),),
        around=("53", "52"),
    ),
    "rhone": Place(
        (("departement", "69"),),
        "commune",
        "84",
        regions=("84",),
        outside=("commune", "71105"),
        city="69123",
        # Known outside the study, so that the structure reaching there keeps its whole capacity.
        exhaustive=(("hopitaux", "27", ""),),
        around=("84", "27"),
    ),
    "corse": Place(
        (("region", "94"),),
        "epci",
        "94",
        year=2024,
        exhaustive=(("prives", "94", "2B"),),
        around=("94",),
    ),
    "reunion": Place((("departement", "974"),), "commune", "04", around=("04",)),
    "grand_paris": Place(
        tuple(("departement", code) for code in ("75", "92", "93", "94")),
        "ept",
        "11",
        city="75056",
        around=("11",),
    ),
}


def codes_within(territory: Territory, place: Place) -> list[str]:
    rows = {int(row) for level, code in place.codes for row in territory.resolve(level, code)}
    return [str(territory.codes[row]) for row in sorted(rows)]


def shares_within(territory: Territory, units: list[str], level: str) -> list[tuple[str, str]]:
    if level == "commune":
        return [("commune", code) for code in units]
    held = sorted({code for code in territory.units.loc[units, level] if code})
    return [(level, code) for code in held]


def former_codes(territory: Territory, units: list[str]) -> list[str]:
    """Return codes of communes déléguées or associées of these units."""
    own = set(territory.codes)
    return sorted(
        code
        for code, rows in territory.members["commune"].items()
        if code not in own and len(rows) == 1 and territory.codes[rows[0]] in set(units)
    )


def draw_study(territory: Territory, place: Place, seed: int) -> Study:
    rng = seeded(seed)
    units = codes_within(territory, place)
    shares = shares_within(territory, units, place.shares)
    rng.shuffle(shares)
    nobody, *filed = shares
    posts, perimeters, structures = _structures(rng, place, filed, units)
    return make_study(
        posts,
        perimeters,
        _needs(rng, place, units, former_codes(territory, units), nobody),
        structures=structures,
        exhaustiveness=[
            exhaustive(name, region=region, departement=departement)
            for name, region, departement in place.exhaustive
        ],
        year=place.year,
        regions=place.regions,
        seuil_reponse=rng.choice([Fraction(1), Fraction(3, 4)]),
        seuil_reponse_etat=rng.choice([Fraction(1), Fraction(2, 3)]),
        montee_en_charge=rng.choice([Fraction(1, 2), Fraction(3, 10)]),
    )


Rows = list[dict[str, Any]]


def _structures(
    rng: random.Random, place: Place, filed: list[tuple[str, str]], units: list[str]
) -> tuple[Rows, Rows, Rows]:
    year, july = place.year, date(place.year, 7, 1)
    state, others = ("etat",), ("collectivites", "bailleurs", "prives")
    posts = [
        post("A", "1/2"),
        post("A", "1/2"),
        post("A", 1, classes=state),
        post("B", "2/3", classes=others),
        post("B", "1/4", classes=state),
        post("C", 2, financement=f"aap_{year}"),
        post("C", "1/2", financement=f"aap_{year - 1}"),
        post("demi", 1, debut=july),
        post("depart", "3/2", fin=date(year, 3, 31)),
        post("jour", 1, debut=date(year, 12, 31), fin=date(year, 12, 31)),
        post("propre", 1),
        post("etat", "3/4", classes=("etat", "operateurs_etat")),
        post("voisin", "1/2"),
        post("finie", 3, fin=date(year - 1, 12, 31)),
        post("future", 3, debut=date(year + 1, 1, 1)),
        post("coordination", 2, volet="coordinateur"),
        post("conteste", 2),
        post("dotee", "1/2"),
    ]
    # A région coordinated, by a structure that has facilitators too, covers nothing.
    perimeters = [
        perimeter(name, place.coordinated, niveau="region", volet="coordinateur")
        for name in ("coordination", "A")
    ]
    perimeters.append(perimeter("coordination", units[0]))
    holders = ["A", "B", "C", "demi", "depart", "jour", "propre", "etat", "voisin"]
    # A fifth of the places is left to extensions, to structures out of force, to nobody.
    held: dict[str, list[tuple[str, str]]] = {}
    for level, code in filed[: 4 * len(filed) // 5]:
        name = rng.choice(holders)
        held.setdefault(name, []).append((level, code))
        perimeters.append(perimeter(name, code, niveau=level))
    for name in ("sans_poste", "finie", "future", "conteste"):
        etat = "conteste" if name == "conteste" else "valide"
        for level, code in rng.sample(filed, max(1, len(filed) // 6)):
            perimeters.append(perimeter(name, code, niveau=level, etat=etat))
    for name in ("A", "B", "voisin", "dotee"):
        nature = "extension_dotee" if name == "dotee" else "extension"
        for level, code in rng.sample(filed, max(2, len(filed) // 6)):
            perimeters.append(perimeter(name, code, nature, niveau=level))
    perimeters.extend(
        perimeter(rng.choice(holders), code, rng.choice(["principal", "extension"]))
        for code in rng.sample(units, max(2, len(units) // 20))
    )
    if place.outside:
        level, code = place.outside
        perimeters.append(perimeter("voisin", code, niveau=level))
    if place.city:
        perimeters.append(perimeter("B", place.city, "extension"))
        perimeters.append(perimeter("propre", place.city))
    perimeters.extend(dict(row) for row in rng.sample(perimeters, 5))
    return posts, perimeters, [structure("propre", 28_500), structure("demi", 41_000)]


def _needs(
    rng: random.Random,
    place: Place,
    units: list[str],
    former: list[str],
    nobody: tuple[str, str],
) -> Rows:
    needs = []
    sample = rng.sample(units, min(SAMPLE, len(units) * 4 // 5))
    # Few communes need more each, so that the same posts fall short somewhere.
    larger = max(1, SAMPLE // len(sample))
    for code in sample:
        scale = larger * rng.choice([300, 1_000, 4_000, 12_000])
        for name in rng.sample(CLASSES, rng.choice([1, 1, 2, 3])):
            hours = rng.choice([0, rng.randint(1, scale), rng.randint(1, scale), 17.5])
            needs.append(need(code, hours, name, annee=rng.choice([0, place.year])))
            if rng.random() < 0.1:
                needs.append(need(code, 20.25, name, source="autre source", programme="npnru"))
            if rng.random() < 0.1:
                needs.append(need(code, 9_999, rng.choice(CLASSES), annee=place.year - 1))
    needs.extend(
        need(code, 777, "bailleurs", source="commune déléguée")
        for code in rng.sample(former, min(3, len(former)))
    )
    if place.city:
        needs.append(need(place.city, 40_003, "etat", source="ville"))
        needs.append(need(place.city, 5, "etat", source="ville, une autre fois"))
        needs.append(need(place.city, 11, "prives", source="ville"))
    if nobody[0] == "commune":
        needs.append(need(nobody[1], 5_000, "etat", source="sans facilitateur"))
    return needs


@pytest.fixture(
    scope="module",
    params=[(name, seed) for name in PLACES for seed in SEEDS],
    ids=lambda param: f"{param[0]}-{param[1]}",
)
def decided(request: pytest.FixtureRequest, france: Territory) -> tuple[Coverage, naive.Reference]:
    name, seed = request.param
    territory = regions_alone(france, PLACES[name].around)
    study = draw_study(territory, PLACES[name], seed)
    return compute(study, territory), naive.decide(study, territory)


Decided = tuple["Coverage", naive.Reference]


def test_every_commune_and_zone_agrees(decided: Decided) -> None:
    assert_agrees(*decided)


def test_the_study_tries_every_status(decided: Decided) -> None:
    assert {unit.statut for unit in decided[1].units.values()} == STATUSES
    rates = set(decided[1].total.rates.values())
    assert any(rate > 1 for rate in rates)
    assert len({rate for rate in rates if 0 < rate < 1}) > 1


def test_short_places_and_only_they_have_certificates(decided: Decided) -> None:
    coverage, reference = decided
    for flow, rates in (("total", reference.total.rates), ("etat", reference.state.rates)):
        owned = [
            place[:2]
            for proof in coverage.certificates.values()
            if (proof.flow, proof.kind) == (flow, "extensions_comprises")
            for place in proof.places
        ]
        assert len(owned) == len(set(owned))
        assert set(owned) == {node for node, rate in rates.items() if rate < 1}


def test_served_hours_and_needs_add_up(decided: Decided) -> None:
    coverage, reference = decided
    communes = coverage.communes
    assert communes["besoin_h"].sum() == sum(reference.total.needs.values())
    served = sum(
        hours * rate
        for hours, rate in zip(communes["besoin_h"], communes["taux_reponse"], strict=True)
        if rate is not None
    )
    supply = {name: int(hours) for name, hours in reference.total.capacities.items()}
    assert served == served_at_most(reference.total.needs, supply, reference.total.links)
