"""The layers that the map offers beside the situation of communes, each made when it is asked.

To add one: write a function that returns a `maps.web.layers.Layer` of a study, declare it in
`LAYERS`, and give its name in `catalogue.toml` under `carte.couche_` and its key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.facts import placed_projects, placed_services
from api.facts.sites import ACCOMPANIED_NAMES
from api.proposals_layer import layer_ready, layer_version, proposals_layer
from coverage.wording import PROGRAMME_NAMES, whole
from geo.errors import UnknownCodeError
from maps.web.layers import Group, Item, Layer, Sign, Years

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.facts.placed_projects import DrawnProject
    from api.facts.placed_services import PlacedService
    from api.studies import OpenStudy

NOT_FILED = "inconnus : aucun fichier déposé"

_SERVICES = (
    Group("non", "non accompagnés", Sign("M0,-6L6,5H-6Z", "#a81e1e")),
    Group("inconnu", "accompagnement inconnu", Sign("M0,-6L6,0L0,6L-6,0Z", "#4a5361")),
    Group("oui", "accompagnés", Sign("M-5,0a5,5 0 1,0 10,0a5,5 0 1,0 -10,0Z", "#0b5fb0")),
)
_PROGRAMMES = {
    "npnru": Sign("M-5,-5H5V5H-5Z", "#6a1b9a"),
    "grand_paris_express": Sign("M-3,-6H3L6,0L3,6H-3L-6,0Z", "#ad1457", (12, 4)),
    "canal_seine_nord": Sign("M-6,-3H6L3,5H-3Z", "#0b4f8a", (3, 4)),
    "jop": Sign("M0,-6L2,-2L6,-2L3,1L4,6L0,3L-4,6L-3,1L-6,-2L-2,-2Z", "#b34a00", (12, 3, 3, 3)),
    "bassin_minier": Sign("M-2,-6H2V-2H6V2H2V6H-2V2H-6V-2H-2Z", "#4e342e", (7, 7)),
    "autre": Sign("M0,-6L6,-1L4,5H-4L-6,-1Z", "#37474f", (2, 3)),
}


@dataclass(frozen=True)
class Offered:
    """A layer that the map may offer.

    Attributes
    ----------
    make
        Returns it for a study and the région asked for (empty for all that the study shows).
    ready
        Whether the study has what it needs, else its box is not offered.
    version
        What it depends on beside the study's version: its answer is kept until it changes.
    """

    make: Callable[[OpenStudy, str], Layer]
    ready: Callable[[OpenStudy], bool] = lambda _: True
    version: Callable[[OpenStudy], str] = lambda _: ""


def services_layer(study: OpenStudy, region: str) -> Layer:
    """Return the State services of a study, by who is accompanied."""
    ground = study.ground
    named = ("services", "Services de l’État", "service", "services")
    services = placed_services.placed_services(ground)
    if services is None:
        return Layer(*named, unknown=NOT_FILED)
    shown = [line for line in services if ground.shows(line.communes, region)]
    # A service that cannot be placed is of no région: it is told whichever is asked.
    lost = [line for line in services if line.place == "aucune"]
    left = [*lost, *(line for line in shown if line.communes and line.lon is None)]
    drawn = [line for line in shown if line.lon is not None]
    return Layer(
        *named,
        groups=_SERVICES,
        items=tuple(_service(line) for line in drawn),
        left=tuple((line.nom, line.motif) for line in left),
        elsewhere=len(services) - len(drawn) - len(left),
    )


def projects_layer(study: OpenStudy, region: str) -> Layer:
    """Return the large projects of a study, of every period, by programme."""
    ground = study.ground
    named = ("projets", "Grands projets", "projet", "projets")
    projects = placed_projects.drawn_projects(ground)
    if projects is None:
        return Layer(*named, unknown=NOT_FILED)
    shown = [own for own in projects if ground.shows(own.line.communes, region)]
    # A project that touches no commune is of no région: it is told whichever is asked.
    lost = [own for own in projects if not own.line.communes]
    left = [*lost, *(own for own in shown if own.line.communes and own.anchor is None)]
    drawn = [own for own in shown if own.anchor is not None]
    present = {own.line.programme for own in drawn}
    year = study.coverage.study.year
    first, last = placed_projects.years_of((own.line for own in projects), year)
    return Layer(
        *named,
        groups=tuple(
            Group(key, PROGRAMME_NAMES[key], sign)
            for key, sign in _PROGRAMMES.items()
            if key in present
        ),
        items=tuple(_project(own, *own.anchor) for own in drawn if own.anchor is not None),
        left=tuple((own.line.nom, own.line.motif) for own in left),
        elsewhere=len(projects) - len(drawn) - len(left),
        years=Years(first, last, year),
    )


LAYERS: dict[str, Offered] = {
    "services": Offered(services_layer),
    "projets": Offered(projects_layer),
    "propositions": Offered(proposals_layer, ready=layer_ready, version=layer_version),
}
"""By their name in addresses, in the order of the map's boxes."""


def offered(study: OpenStudy) -> list[str]:
    """Return the names of the layers that a study has."""
    return [name for name, layer in LAYERS.items() if layer.ready(study)]


def find_layer(study: OpenStudy, name: str) -> Offered:
    """Return a layer that a study has.

    Raises
    ------
    UnknownCodeError
        When it has none of this name.
    """
    names = offered(study)
    if name not in names:
        raise UnknownCodeError(f"aucune couche « {name} » ici ; couches : {', '.join(names)}")
    return LAYERS[name]


def _service(line: PlacedService) -> Item:
    if line.lon is None or line.lat is None:
        raise ValueError(line.service_id)
    hours = "inconnues" if line.heures is None else f"{whole(line.heures)} h déclarées"
    return Item(
        identifier=line.service_id,
        title=line.nom,
        group=line.accompagne,
        regions=line.regions,
        facts=(
            ("Type", line.type_nom or "non dit"),
            ("Commune", _place_words(line)),
            ("Accompagnement", _accompanied(line)),
            ("Heures", hours),
        ),
        lon=line.lon,
        lat=line.lat,
    )


def _place_words(line: PlacedService) -> str:
    name = f"{line.commune_nom} ({line.communes[0]})" if len(line.communes) == 1 else ""
    return f"{name or line.commune_nom}, {line.place_nom}"


def _accompanied(line: PlacedService) -> str:
    told = ACCOMPANIED_NAMES[line.accompagne]
    if line.accompagne != "oui":
        return told
    return f"{told} par {line.structure}" if line.structure else f"{told}, par qui n’est pas dit"


def _project(own: DrawnProject, lon: float, lat: float) -> Item:
    line = own.line
    return Item(
        identifier=line.projet_id,
        title=line.nom,
        group=line.programme,
        regions=line.regions,
        facts=(
            ("Programme", line.programme_nom),
            ("Période", f"{_limit('du', line.debut)} {_limit('au', line.fin)}"),
            ("Fiabilité", line.fiabilite_nom),
            ("Heures", line.heures_nom),
        ),
        lon=lon,
        lat=lat,
        shape=own.shape,
        communes=own.drawn_communes,
        first_year=line.premiere_annee,
        last_year=line.derniere_annee,
    )


def _limit(word: str, day: str | None) -> str:
    """Say a limit of a period.

    >>> _limit("du", "2022-03-01"), _limit("au", None)
    ('du 01/03/2022', 'sans fin connue')
    """
    if day is None:
        return "sans début connu" if word == "du" else "sans fin connue"
    year, month, date = day.split("-")
    return f"{word} {date}/{month}/{year}"
