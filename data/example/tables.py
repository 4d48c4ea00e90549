"""The tables of the network of the example, as the study folder holds them."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from data.example.names import STATUT_OF

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from random import Random

    from data.example.network import Ground, Sketch
    from data.example.posts import Post

_OWN_PRODUCTIVITY = 9
_STRUCTURES = ("structure_id", "nom", "siret", "statut_juridique", "heures_par_etp", "lon", "lat")
_POSTS = (
    *("poste_id", "structure_id", "volet", "etp", "donneurs_ordre", "financement"),
    *("debut", "fin"),
)
_PERIMETERS = ("structure_id", "volet", "nature", "niveau", "code", "etat")


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


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table as the text of a CSV file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()


def structures_csv(ground: Ground, network: Network, rng: Random) -> str:
    """Return `structures.csv`; a few structures have a productivity of their own."""
    own = {
        number: rng.randrange(28_000, 42_001, 500)
        for number in sorted(rng.sample(range(len(network.ids)), _OWN_PRODUCTIVITY))
    }
    seats = ground.territory.units.geometry.iloc[[s.seat for s in network.sketches]]
    points = seats.representative_point()
    rows = sorted(
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
    return csv_text(_STRUCTURES, rows)


def post_rows(network: Network) -> list[tuple[str, ...]]:
    """Return the rows of `postes.csv`, posts numbered in the order of their structures."""
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
    return [(f"P{number:04d}", *row) for number, row in enumerate(rows, start=1)]


def posts_csv(network: Network) -> str:
    """Return `postes.csv`."""
    return csv_text(_POSTS, post_rows(network))


def perimeters_csv(ground: Ground, network: Network) -> str:
    """Return `perimetres.csv`."""
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
    return csv_text(_PERIMETERS, sorted(rows))
