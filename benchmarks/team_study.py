"""A study of one small région, as a team would file it: light to compute, with posts to propose."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo.territory import Territory

REGION = "94"
SLUG = "corse"
STRUCTURES = ("A", "B", "C")

_SETTINGS = f'format_version = 1\n[etude]\nnom = "Corse"\nannee = 2023\nregions = ["{REGION}"]\n'
_CLASSES = ("etat", "collectivites", "bailleurs")


def study_files(territory: Territory) -> Mapping[str, str]:
    """Return the files of the study: name → content."""
    epcis = sorted(set(_inside(territory)["epci"]) - {""})
    held = [f"{name},principal,epci,{epci}" for name, epci in zip(STRUCTURES, epcis, strict=False)]
    return {
        "etude.toml": _SETTINGS,
        "structures.csv": "structure_id,nom,siret,statut_juridique\n"
        + "".join(f"{name},Structure {name},,association\n" for name in STRUCTURES),
        "postes.csv": "poste_id,structure_id,volet,etp,financement\n"
        + "".join(f"P{name},{name},facilitateur,0.5,socle\n" for name in STRUCTURES),
        "perimetres.csv": "structure_id,nature,niveau,code\n" + "\n".join(held) + "\n",
        "besoins.csv": needs(territory, seed=0),
    }


def needs(territory: Territory, *, seed: int) -> str:
    """Return the table of the needs, other hours for each seed."""
    draw = random.Random(seed)  # noqa: S311 - reproducible draws, no secret
    lines = [
        f"{code},{name},{draw.randrange(200, 6_000)}"
        for code in _inside(territory).index
        for name in draw.sample(_CLASSES, 2)
    ]
    return "\n".join(["commune,donneur_ordre,heures", *lines]) + "\n"


def _inside(territory: Territory):  # noqa: ANN202 - a table of units
    return territory.units[territory.units["region"] == REGION]
