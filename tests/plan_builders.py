"""Asks and networks of a few nodes, for tests of plans."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pandas as pd
from builders import seeded

from coverage.parameters import CLASSES, Parameters
from coverage.proposals.lending import spare_hours
from coverage.proposals.model import Ask, Broken, Call, Extension, Option, PlanNetwork, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from coverage.model import Coverage

RULES: dict[str, int | Fraction | str | bool] = {
    "budget_eur": 5_400_000,
    "objectif": 90,
    "unite_objectif": "etp",
    "conserves_d_abord": True,
    "postes_conserves": 83,
    "facilitateurs_existants": 400,
    "total_annonce": 585,
    "etp_minimum": Fraction(1, 2),
    "plafond_etat": Fraction(7, 10),
    "plafond_etat_collectivite": Fraction(4, 5),
    "lecture_80": "cumulatif",
    "cofinancement_minimum": Fraction(3, 10),
    "coordinateur_region_non_pourvue": True,
    "coordinateur_renouvellement": True,
    "coordinateur_besoin": True,
    "comite_national": True,
    "avance": Fraction(1, 2),
    "duree_ans": 1,
    "plancher_regional_etp": Fraction(0),
    "plafond_regional_etp": Fraction(1000),
    "extensions_sans_poste": "demandees",
}
OFF = ("plancher_regional_etp", "plafond_regional_etp")


def call(signed: date = date(2023, 7, 1), **values: Any) -> Call:  # noqa: ANN401 - any rule
    """Return a call with some rules of other values; None switches one off."""
    rules = {}
    for name, default in RULES.items():
        value = values.get(name, default)
        active = name in values or name not in OFF
        kept = default if value is None else value
        rules[name] = Rule(name, kept, "", "", "", active=active and value is not None)
    return Call("Essai", 2023, signed, "tests", rules)


def option(
    option_id: str,
    structure: str = "A",
    *,
    hundredths: int = 50,
    state: int = 1_561_000,
    **changes: Any,  # noqa: ANN401 - any field
) -> Option:
    fields: dict[str, Any] = {
        "option_id": option_id,
        "structure_id": structure,
        "structure_name": f"Structure {structure}",
        "emerging": False,
        "collectivite": False,
        "volet": "facilitateur",
        "hundredths": hundredths,
        "scope": CLASSES,
        "units": (0,),
        "ground": "zone_blanche",
        "zone_ids": (),
        "region": "84",
        "origin": "generee",
        "cost_cents": 44_600 * hundredths,
        "state_cents": state,
    }
    return Option(**(fields | changes))


def coverage_of(
    zones: Mapping[str, bool],
    *,
    regions: Iterable[str] = ("32", "84"),
    **parameters: Any,  # noqa: ANN401 - any parameter
) -> Coverage:
    """Return what plans read of a coverage: zones retenues, régions, parameters."""
    found = SimpleNamespace(
        zones=pd.DataFrame({"retenue": pd.Series(list(zones.values()), dtype=bool)}).set_index(
            pd.Index(list(zones), dtype=object)
        ),
        regions=pd.DataFrame({"coordinateurs_etp": Fraction(0)}, index=list(regions)),
        study=SimpleNamespace(parameters=Parameters(**parameters), regions=(), year=2023),
    )
    return cast("Coverage", found)


def ask_of(
    options: Sequence[Option],
    *,
    zones: Mapping[str, bool] | None = None,
    rules: Mapping[str, Any] | None = None,
    aside: Sequence[str] = (),
    locked: Sequence[str] = (),
    refused: Sequence[str] = (),
    **parameters: Any,  # noqa: ANN401 - any parameter
) -> Ask:
    return Ask(
        coverage=coverage_of(zones or {"z0": False}, **parameters),
        call=call(**(rules or {})),
        options=tuple(options),
        aside=tuple(Broken(own, "essai", "règle d’essai", "corriger") for own in aside),
        locked=dict.fromkeys(locked, "décidé"),
        refused=dict.fromkeys(refused, "décidé"),
    )


def network_of(  # noqa: PLR0913 - one argument a field
    needs: Sequence[int],
    options: Sequence[Sequence[int]],
    hours: Sequence[int],
    *,
    level: Sequence[int] = (),
    reach: Sequence[Sequence[int]] = (),
    capacities: Sequence[int] = (),
    zone: Sequence[int] = (),
    zones: Sequence[str] = ("z0",),
) -> PlanNetwork:
    """Return a network; by default one zone, level 2, no existing supply, one component."""
    count = len(needs)
    return PlanNetwork(
        needs=tuple(needs),
        level=tuple(level or [2] * count),
        state=(0,) * count,
        reach=tuple(map(tuple, reach)) or ((),) * count,
        capacities=tuple(capacities),
        options=tuple(map(tuple, options)),
        hours=tuple(hours),
        zone=tuple(zone or [0] * count),
        zones=tuple(zones),
        component=(0,) * count,
    )


def random_case(seed: int) -> tuple[Ask, PlanNetwork]:
    """Return a small random ask with its network: a few nodes, options, zones, rules."""
    rng = seeded(seed)
    nodes, supplies, count = rng.randint(1, 5), rng.randint(0, 2), rng.randint(1, 6)
    zones = ("z0", "z1")
    some = [[n for n in range(nodes) if rng.random() < 0.5] for _ in range(count)]
    hours = [rng.choice([0, 5, 8, 8, 13]) for _ in range(count)]
    options = [
        option(
            f"o{k}",
            rng.choice("ABC"),
            hundredths=rng.choice([50, 50, 75, 100]),
            state=rng.choice([100, 100, 150, 170]),
            region=rng.choice(["32", "84"]),
            origin=rng.choice(["generee"] * 5 + ["convention"]),
        )
        for k in range(count)
    ]
    if count > 1 and rng.random() < 0.6:
        # Two options that nothing tells apart.
        options[1] = option(
            "o1",
            options[0].structure_id,
            hundredths=options[0].hundredths,
            state=options[0].state_cents,
            region=options[0].region,
            origin=options[0].origin,
        )
        some[1], hours[1] = some[0], hours[0]
    rules: dict[str, Any] = {
        "budget_eur": Fraction(rng.choice([150, 300, 400, 600]), 100),
        "objectif": Fraction(rng.choice([50, 100, 150, 300]), 100),
        "unite_objectif": rng.choice(["etp", "etp", "postes"]),
    }
    if rng.random() < 0.2:
        rules["plancher_regional_etp"] = Fraction(1, 2)
    if rng.random() < 0.2:
        rules["plafond_regional_etp"] = Fraction(3, 4)
    names = [own.option_id for own in options]
    ask = ask_of(
        options,
        zones={name: rng.random() < 0.8 for name in zones},
        rules=rules,
        locked=[name for name in names if rng.random() < 0.1],
        refused=[name for name in names if rng.random() < 0.1],
        aside=[name for name in names if rng.random() < 0.05],
        seuil_reponse=rng.choice([Fraction(1), Fraction(2, 3)]),
    )
    network = network_of(
        [rng.randint(1, 20) for _ in range(nodes)],
        some,
        hours,
        level=[rng.randint(0, 2) for _ in range(nodes)],
        reach=[[s for s in range(supplies) if rng.random() < 0.5] for _ in range(nodes)],
        capacities=[rng.randint(0, 15) for _ in range(supplies)],
        zone=[rng.randint(0, 1) for _ in range(nodes)],
        zones=zones,
    )
    return ask, network


def extension(extension_id: str, structure: str = "A", origin: str = "candidature") -> Extension:
    return Extension(
        extension_id=extension_id,
        structure_id=structure,
        structure_name=f"Structure {structure}",
        scope=CLASSES,
        units=(0,),
        zone_ids=(),
        region="84",
        origin=origin,
    )


def extended_case(seed: int) -> tuple[Ask, PlanNetwork]:
    """Return `random_case` with two posts of other hours in place, and extensions of theirs."""
    ask, network = random_case(seed)
    rng = seeded(seed + 1_000)
    posts = range(2)
    capacities = tuple(rng.randint(0, 40) for _ in posts)
    reach = tuple(tuple(s for s in posts if rng.random() < 0.35) for _ in network.needs)
    pairs = [(d, s) for d, row in enumerate(reach) for s in posts if s not in row]
    count = rng.randint(1, 3)
    network = replace(
        network,
        reach=reach,
        capacities=capacities,
        spare=spare_hours(network.needs, capacities, reach),
        extensions=tuple(tuple(pair for pair in pairs if rng.random() < 0.5) for _ in range(count)),
    )
    own = tuple(extension(f"e{number}") for number in range(count))
    return replace(ask, extensions=own), network
