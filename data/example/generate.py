"""Write the fictional national study: `python -m data.example.generate DOSSIER`.

Real places, invented structures, posts and needs. One seed: the same territory gives the same
files, byte for byte.
"""

from __future__ import annotations

import argparse
import csv
import io
import tempfile
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from data.example.coordination import coordinator_posts, networks
from data.example.names import STATUT_OF, identifier, structure_name
from data.example.needs import SOURCE, build_needs
from data.example.network import draw_network, make_ground
from data.example.posts import Post, facilitator_posts
from data.example.reach import add_doubts, add_extensions, emerging
from data.reference.territory import load_territory

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from data.example.needs import Needs
    from data.example.network import Ground, Sketch
    from geo.territory import Territory

SEED = 2023
YEAR = 2023
EMERGING = 5
"""Structures with a perimeter and no post in force; the last two had one until 2022."""

_ENDED = 2
_OWN_PRODUCTIVITY = 9
_SETTINGS = f"""\
# Étude d’exemple : les lieux sont réels, les structures, les postes et les besoins sont inventés.
format_version = 1

[etude]
nom = "Exemple fictif — France {YEAR}"
annee = {YEAR}
fictif = true
regions = []
"""


@dataclass(frozen=True)
class Network:
    """Structures, their identifiers and names, and their posts.

    Attributes
    ----------
    coordinators
        Posts with the région of each.
    """

    sketches: Sequence[Sketch]
    ids: Sequence[str]
    names: Sequence[str]
    posts: Sequence[Post]
    coordinators: Sequence[tuple[Post, str]]


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
            (made / name).write_bytes(content.encode())
        if folder.exists():
            folder.rmdir()
        made.rename(folder)


def example_files(territory: Territory) -> dict[str, str]:
    """Return the text of each file of the example study, by name."""
    ground = make_ground(territory)
    needs = build_needs(territory, ground.places, _stage("besoins"))
    network = _network(ground, needs)
    return {
        "etude.toml": _SETTINGS,
        "structures.csv": _csv(_STRUCTURES, _structure_rows(ground, network)),
        "postes.csv": _csv(_POSTS, _post_rows(network)),
        "perimetres.csv": _csv(_PERIMETERS, _perimeter_rows(ground, network)),
        "besoins.csv": _csv(
            _NEEDS,
            ((code, c, hours, YEAR, name, SOURCE) for code, c, hours, name in needs.rows),
        ),
        "exhaustivite.csv": _csv(_EXHAUSTIVE, ((c, SOURCE, r, d) for c, r, d in needs.exhaustive)),
    }


def _stage(name: str) -> Random:
    """Return the chance of one stage: a change in another does not disturb it."""
    return Random(f"{SEED}-{name}")


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


_STRUCTURES = ("structure_id", "nom", "siret", "statut_juridique", "heures_par_etp", "lon", "lat")
_POSTS = (
    "poste_id",
    "structure_id",
    "volet",
    "etp",
    "donneurs_ordre",
    "financement",
    "debut",
    "fin",
)
_PERIMETERS = ("structure_id", "volet", "nature", "niveau", "code", "etat")
_NEEDS = ("commune", "donneur_ordre", "heures", "annee", "programme", "source")
_EXHAUSTIVE = ("donneur_ordre", "source", "region", "departement")


def _structure_rows(ground: Ground, network: Network) -> list[tuple[object, ...]]:
    rng = _stage("productivites")
    own = {
        number: rng.randrange(28_000, 42_001, 500)
        for number in sorted(rng.sample(range(len(network.ids)), _OWN_PRODUCTIVITY))
    }
    seats = ground.territory.units.geometry.iloc[[s.seat for s in network.sketches]]
    points = seats.representative_point()
    return sorted(
        (
            network.ids[number],
            network.names[number],
            "",
            STATUT_OF[sketch.kind],
            own.get(number, ""),
            f"{point.x:.3f}",
            f"{point.y:.3f}",
        )
        for number, (sketch, point) in enumerate(zip(network.sketches, points, strict=True))
    )


def _post_rows(network: Network) -> Iterable[tuple[object, ...]]:
    posts = [*network.posts, *(post for post, _ in network.coordinators)]
    rows = sorted(
        (
            network.ids[post.structure],
            post.volet,
            f"{post.hundredths / 100:.2f}",
            "|".join(post.classes),
            post.financement,
            post.debut,
            post.fin,
        )
        for post in posts
    )
    return ((f"P{number:04d}", *row) for number, row in enumerate(rows, start=1))


def _perimeter_rows(ground: Ground, network: Network) -> list[tuple[str, ...]]:
    rows = {
        (network.ids[post.structure], "coordinateur", "principal", "region", region, "valide")
        for post, region in network.coordinators
    }
    for structure, sketch in zip(network.ids, network.sketches, strict=True):
        rows |= {
            (structure, "facilitateur", "principal", ground.places[code].niveau, code, "valide")
            for code in sketch.held
        }
        rows |= {
            (structure, "facilitateur", p.nature, p.niveau, p.code, p.etat)
            for p in sketch.perimeters
        }
    return sorted(rows)


def _csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()


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
