"""Regional coordinators of the example: half of the régions have one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.example.names import plain_name
from data.example.network import Sketch
from data.example.posts import Post

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.example.network import Ground

NETWORKS = ("11", "32", "44", "75", "84")
"""Régions where a network of its own carries the coordinator."""

CARRIED = ("04", "53", "76", "93")
"""Régions where a structure that has facilitators carries it too."""

_HUNDREDTHS = {"11": 100, "32": 100, "44": 80, "75": 100, "84": 100, "04": 50, "53": 50, "76": 80}
_LATEST = {"44": "aap_2022", "53": "aap_2022", "76": "aap_2022"}


def networks(ground: Ground) -> list[Sketch]:
    """Return the structures that only coordinate, seated in the main place of their région."""
    sketches = []
    for region in NETWORKS:
        own = [place for place in ground.places.values() if place.region == region]
        main = max(own, key=lambda place: (place.population, place.code))
        name = plain_name(ground.territory.names["region"][region])
        sketches.append(Sketch("reseau", name, main.departement, region, main.seat))
    return sketches


def coordinator_posts(ground: Ground, sketches: Sequence[Sketch]) -> list[tuple[Post, str]]:
    """Return each coordinator's post and its région; the main local structure carries it."""
    posts = []
    for region in sorted((*NETWORKS, *CARRIED)):
        carriers = [
            (ground.places[sketch.held[0]].population if sketch.held else 0, number)
            for number, sketch in enumerate(sketches)
            if sketch.region == region
            and (sketch.kind == "reseau" if region in NETWORKS else sketch.held)
        ]
        carrier = max(carriers)[1]
        funding = _LATEST.get(region, "socle")
        since = "2022-09-01" if funding != "socle" else ""
        etp = _HUNDREDTHS.get(region, 50)
        posts.append((Post(carrier, "coordinateur", etp, (), funding, since), region))
    return posts
