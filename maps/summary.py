"""The summary that opens the words of a map's file: figures, statuses, régions, what is unknown.

Every figure is one of `coverage.totals` or of the table of régions, as `resume.json` and
`regions.csv` write them; hours where no need is known are a word, never 0.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from coverage.parameters import STATE_CLASSES
from coverage.selection import select_regions
from coverage.status import STATUTS
from coverage.wording import STATUS_NAMES
from coverage.wording import whole as integer
from maps.numbers import UNKNOWN, counted, posts

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    import pandas as pd

    from coverage.model import Coverage
    from maps.scope import Scope

SHORT_NAMES = {
    "non_couverte": "non couvertes",
    "limitrophe": "limitrophes",
    "donnee_manquante": "donnée manquante",
    "capacite_insuffisante": "capacité insuffisante",
    "couverte": "suffisantes au mieux",
}
"""Headings of the columns of communes by status."""


@dataclass(frozen=True)
class KeyFigure:
    """One figure, ready to print, with what must be read beside it."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class StatusSummary:
    """What the communes that show one status hold, ready to print."""

    name: str
    communes: str
    population: str
    need: str


@dataclass(frozen=True)
class RegionSummary:
    """One région, ready to print; `statuses` in the order of `STATUTS`."""

    name: str
    facilitators: str
    coordinators: str
    need: str
    deficit: str
    statuses: tuple[str, ...]
    kept: str
    missing: str


@dataclass(frozen=True)
class UnknownSummary:
    """One thing that is not known: how many communes, their inhabitants, what it hides."""

    name: str
    communes: str
    population: str
    hides: str


@dataclass(frozen=True)
class YearSummary:
    """One year of the study, ready to print; `statuses` in the order of `STATUTS`."""

    year: str
    need: str
    served: str
    statuses: tuple[str, ...]


def summary(scope: Scope) -> dict[str, Any]:
    """Return what the summary's template asks for, of the régions that the map shows."""
    shown = select_regions(scope.coverage)
    regions = sorted(shown.regions.to_dict("records"), key=lambda row: spelled(row["nom"]))
    return {
        "figures": _figures(shown),
        "statuses": _statuses(shown),
        "in_part": shown.totals["communes_couvertes_besoin_partiel"],
        "status_headings": [SHORT_NAMES[status] for status in STATUTS],
        "regions": [_region(row) for row in regions] if len(regions) > 1 else [],
        "unknowns": _unknowns(shown),
        "sites": _sites(shown),
        "years": _years(shown),
    }


def spelled(name: str) -> str:
    """Return what sorts a name as French does: « Île » among the I."""
    return unicodedata.normalize("NFKD", name.casefold())


def _figures(shown: Coverage) -> list[KeyFigure]:
    totals, communes = shown.totals, shown.communes
    known = bool((communes["besoin_connu"] != "aucun").any())
    state_known = bool(totals["besoin_etat_h"]) or any(
        not set(STATE_CLASSES) <= set(row) for row in communes["classes_inconnues"]
    )
    uncounted = int((communes["population"] < 0).sum())
    part = totals["communes_besoin_inconnu"] + totals["communes_besoin_partiel"]
    state = _hours(totals["besoin_etat_h"], known=state_known)
    return [
        KeyFigure("Communes", integer(totals["communes"])),
        KeyFigure(
            "Habitants",
            integer(totals["population"]),
            f"population inconnue dans {counted(uncounted, 'commune')}" if uncounted else "",
        ),
        KeyFigure(
            "Besoin connu, par an",
            _hours(totals["besoin_h"], known=known),
            "connu en partie seulement" if known and part else "",
        ),
        KeyFigure("dont État et ses opérateurs", state),
        KeyFigure("Servi au mieux", _hours(totals["servi_h"], known=known)),
        KeyFigure("Sans réponse au mieux", _hours(totals["deficit_h"], known=known)),
        *_posts(shown.regions, known=known),
    ]


def _posts(regions: pd.DataFrame, *, known: bool) -> list[KeyFigure]:
    missing, facilitators, coordinators = (
        posts(sum(regions[name], Fraction(0)))
        for name in ("etp_manquants", "facilitateurs_etp", "coordinateurs_etp")
    )
    return [
        KeyFigure("ETP manquants, zones retenues", missing if known else UNKNOWN),
        KeyFigure("ETP de facilitateurs", facilitators),
        KeyFigure("ETP de coordinateurs", coordinators),
    ]


def _statuses(shown: Coverage) -> list[StatusSummary]:
    totals = shown.totals
    known = set(shown.communes.loc[shown.communes["besoin_connu"] != "aucun", "statut"])
    lines = [
        StatusSummary(
            name=STATUS_NAMES[status],
            communes=integer(count),
            population=integer(totals["population_par_statut"][status]),
            need=_number(totals["besoin_par_statut_h"][status], known=status in known or not count),
        )
        for status, count in totals["communes_par_statut"].items()
    ]
    return [*lines, *_sufficient_in_part(shown)]


def _sufficient_in_part(shown: Coverage) -> list[StatusSummary]:
    """Return, apart, the communes whose capacity suffices for the known part of their need."""
    count = shown.totals["communes_couvertes_besoin_partiel"]
    own = shown.communes[
        (shown.communes["statut"] == "couverte") & (shown.communes["besoin_connu"] != "tous")
    ]
    line = StatusSummary(
        name="dont pour le seul besoin connu, une partie étant inconnue",
        communes=integer(count),
        population=integer(int(own["population"].clip(lower=0).sum())),
        need=integer(int(own["besoin_h"].sum())),
    )
    return [line] if count else []


def _region(row: Mapping[Hashable, Any]) -> RegionSummary:
    counts = [int(row[f"communes_{status}"]) for status in STATUTS]
    known = row["communes_besoin_inconnu"] < sum(counts)
    return RegionSummary(
        name=str(row["nom"]),
        facilitators=posts(row["facilitateurs_etp"]),
        coordinators=posts(row["coordinateurs_etp"]),
        need=_number(row["besoin_h"], known=known),
        deficit=_number(row["deficit_h"], known=known),
        statuses=tuple(map(integer, counts)),
        kept=integer(row["zones_retenues"]),
        missing=posts(row["etp_manquants"]) if known else UNKNOWN,
    )


def _unknowns(shown: Coverage) -> list[UnknownSummary]:
    communes = shown.communes
    need = communes["besoin_connu"]
    state = communes["classes_inconnues"].map(lambda row: not set(row).isdisjoint(STATE_CLASSES))
    lines: Sequence[tuple[str, pd.Series[bool], str]] = (
        (
            "Communes sans aucun besoin connu",
            need == "aucun",
            "Ni zéro, ni couverture\u202f: leur taux de réponse et leur déficit n’existent pas.",
        ),
        (
            "Communes au besoin connu en partie",
            need == "partiel",
            "Leurs heures et leurs taux ne portent que sur la partie connue.",
        ),
        (
            "Parmi elles, communes où le besoin de l’État est inconnu, en tout ou partie",
            state & (need == "partiel"),
            "La réponse aux marchés de l’État n’y a pas été mesurée.",
        ),
        (
            "Communes dont la population est inconnue",
            communes["population"] < 0,
            "Elles comptent pour zéro dans les sommes d’habitants.",
        ),
    )
    people = communes["population"].clip(lower=0)
    uncounted = communes["population"] < 0
    return [
        UnknownSummary(
            name=name,
            communes=integer(int(mask.sum())),
            population=UNKNOWN if uncounted[mask].all() else integer(int(people[mask].sum())),
            hides=hides,
        )
        for name, mask, hides in lines
        if mask.any()
    ]


def _sites(shown: Coverage) -> list[str]:
    """Say how many services wait and how many projects run in the régions shown, or are unknown."""
    inside = shown.territory.units.index.isin(shown.communes.index)
    sites = shown.need.sites
    found = []
    if sites.services is None:
        found.append("Services de l’État non accompagnés\u202f: inconnu, aucun fichier déposé.")
    else:
        own = sites.services[inside[sites.services["unit"]]]
        waiting, doubtful = (
            own.loc[own["accompagne"] == answer, "service_id"].nunique()
            for answer in ("non", "inconnu")
        )
        found.append(
            f"Services de l’État\u202f: {counted(waiting, 'non accompagné', 'non accompagnés')}, "
            f"{integer(doubtful)} à préciser."
        )
    if sites.projects is None:
        found.append("Grands projets\u202f: inconnu, aucun fichier déposé.")
    else:
        count = sites.projects.loc[inside[sites.projects["unit"]], "projet_id"].nunique()
        found.append(f"Grands projets en cours\u202f: {integer(count)}.")
    return found


def _years(shown: Coverage) -> list[YearSummary]:
    """Return the years of the study, none when it is of one year."""
    if len(shown.years.years) == 1:
        return []
    inside = shown.territory.units.index.isin(shown.communes.index)
    table = shown.years.communes
    found = []
    for year, own in table[inside[table["unit"]]].groupby("annee"):
        counts = own["statut"].value_counts()
        known = bool((own["besoin_connu"] != "aucun").any())
        found.append(
            YearSummary(
                year=str(year),
                need=_number(own["besoin_h"].sum(), known=known),
                served=_number(own["servi_h"].sum(), known=known),
                statuses=tuple(integer(int(counts.get(status, 0))) for status in STATUTS),
            )
        )
    return found


def _number(value: int, *, known: bool) -> str:
    return integer(int(value)) if known else UNKNOWN


def _hours(value: int, *, known: bool) -> str:
    return f"{integer(int(value))}\u00a0h" if known else UNKNOWN
