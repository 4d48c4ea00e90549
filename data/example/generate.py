"""Write the fictional national study: `python -m data.example.generate DOSSIER`.

Real places; invented structures, posts, needs, contracts, services, projects and applications.
One seed: the same territory gives the same files, byte for byte.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from data.example.applications import application_files
from data.example.awards import award_files
from data.example.buyers import buyer_rows
from data.example.contracts import draw_contracts
from data.example.coordination import coordinator_posts, networks
from data.example.estimates import (
    INDICATOR_COLUMNS,
    TOTAL_COLUMNS,
    indicator_rows,
    total_rows,
)
from data.example.funding import funding_csv
from data.example.names import identifier, structure_name
from data.example.needs import CONTRACTS_FILE, YEARS, build_needs
from data.example.network import draw_network, make_ground
from data.example.official import contracts_json
from data.example.posts import Post, facilitator_posts
from data.example.projects import projects_geojson
from data.example.reach import add_doubts, add_extensions, emerging
from data.example.services import COLUMNS as SERVICE_COLUMNS
from data.example.services import service_rows
from data.example.tables import Network, csv_text, perimeters_csv, posts_csv, structures_csv
from data.reference.territory import load_territory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.example.needs import Needs
    from data.example.network import Ground
    from geo.territory import Territory

SEED = 2023
EMERGING = 5
"""Structures with a perimeter and no post in force; the last two had one until 2022."""

_ENDED = 2
_SETTINGS = f"""\
# Étude d’exemple : les lieux sont réels ; les structures, les postes, les besoins, les marchés,
# les services et les projets sont inventés.
format_version = 1

[etude]
nom = "Exemple fictif — France {YEARS[0]}"
annee = {YEARS[0]}
derniere_annee = {YEARS[-1]}
fictif = true
regions = []
"""
_NEEDS = ("commune", "donneur_ordre", "heures", "annee", "programme", "source")
_EXHAUSTIVE = ("donneur_ordre", "source", "region", "departement")
_BUYERS = ("siren", "nom", "categorie_juridique", "donneur_ordre")


def write_example(folder: Path, territory: Territory) -> None:
    """Write the example study in a new folder, whole or not at all.

    Raises
    ------
    FileExistsError
        When the folder exists and is not empty.
    """
    folder = folder.resolve()
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(
            f"le dossier « {folder.name} » n’est pas vide ; choisissez-en un nouveau"
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as temporary:
        made = Path(temporary) / "etude"
        made.mkdir()
        for name, content in example_files(territory).items():
            (made / name).parent.mkdir(exist_ok=True)
            (made / name).write_bytes(content.encode())
        if folder.exists():
            folder.rmdir()
        made.rename(folder)


def example_files(territory: Territory) -> dict[str, str]:
    """Return the text of each file of the example study, by its path in the folder."""
    ground = make_ground(territory)
    needs = build_needs(territory, ground.places, _stage("besoins"))
    network = _network(ground, needs)
    return {
        "etude.toml": _SETTINGS,
        "structures.csv": structures_csv(ground, network, _stage("productivites")),
        "postes.csv": posts_csv(network),
        "perimetres.csv": perimeters_csv(ground, network),
        "besoins.csv": csv_text(_NEEDS, needs.rows),
        "exhaustivite.csv": csv_text(_EXHAUSTIVE, needs.exhaustive),
        **_contract_files(territory, needs),
        "services_etat.csv": csv_text(
            SERVICE_COLUMNS, service_rows(ground, network, _stage("services"))
        ),
        "grands_projets.geojson": projects_geojson(territory),
        "indicateurs.csv": csv_text(
            INDICATOR_COLUMNS, indicator_rows(territory, _stage("indicateurs"))
        ),
        "totaux_regionaux.csv": csv_text(TOTAL_COLUMNS, total_rows()),
        "financements.csv": funding_csv(network),
        **application_files(network),
        **award_files(network, _stage("conventions")),
    }


def _stage(name: str) -> Random:
    """Return the chance of one stage: a change in another does not disturb it."""
    return Random(f"{SEED}-{name}")


def _contract_files(territory: Territory, needs: Needs) -> dict[str, str]:
    contracts, buyers = draw_contracts(territory, needs.by_contracts, _stage("marches"))
    return {
        CONTRACTS_FILE: contracts_json(contracts, _stage("publication")),
        "acheteurs.csv": csv_text(_BUYERS, buyer_rows(buyers)),
    }


def _network(ground: Ground, needs: Needs) -> Network:
    sketches = draw_network(ground, _stage("structures"))
    add_extensions(ground, sketches, _stage("extensions"))
    add_doubts(ground, sketches, _stage("etats"))
    posts = facilitator_posts(ground, sketches, needs.hours, _stage("postes"))
    without = emerging(ground, sketches, EMERGING, _stage("emergentes"))
    first = len(sketches) + EMERGING - _ENDED
    posts += [
        Post(first + k, "facilitateur", 50, (), "socle", "2021-01-01", "2022-12-31")
        for k in range(_ENDED)
    ]
    sketches += [*without, *networks(ground)]
    names = [structure_name(sketch.kind, sketch.subject) for sketch in sketches]
    ids = [identifier(s.departement, s.kind, s.subject) for s in sketches]
    return Network(sketches, ids, names, posts, coordinator_posts(ground, sketches))


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the example in the folder named on the command line."""
    parser = argparse.ArgumentParser(description="Écrit l’étude d’exemple, fictive.")
    parser.add_argument("dossier", type=Path, help="dossier à créer")
    folder = parser.parse_args(arguments).dossier
    try:
        write_example(folder, load_territory(on_step=print))
    except FileExistsError as error:
        parser.error(str(error))
    print(f"Étude d’exemple écrite : {folder}")


if __name__ == "__main__":
    main()
