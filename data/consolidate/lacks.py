"""What the consolidated study cannot tell by itself.

Sources that some dossiers have and others not, what reading left aside, zones that opinions name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.consolidate.model import Told
from data.scenarios.read import FOLDER as SCENARIOS
from data.study.proposal_tables import AVIS_DEPOSES
from data.study.sources_tables import PROJETS, SERVICES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.consolidate.model import Dossier

_IGNORED = ("ignoré", "ignorée")
_KNOWN_FROM_ALL = {SERVICES.name: "services", PROJETS.name: "projects"}
"""Table → the field of a study that is None when no file speaks of it."""


def one_sided_sources(dossiers: Sequence[Dossier]) -> list[Told]:
    """Tell the sources that some dossiers have and others not.

    The study then has services, or projects: those of a région that filed none look like none.
    """
    told = []
    for table, field in _KNOWN_FROM_ALL.items():
        silent = tuple(sorted(d.label for d in dossiers if getattr(d.study, field) is None))
        if silent and len(silent) < len(dossiers):
            found = "aucun fichier n’en parle dans ces dossiers, alors que d’autres en déposent"
            outcome = "l’étude réunie les montre sans aucun : inconnu n’y est pas zéro, à compléter"
            told.append(Told("inconnu", table, "", silent, found, outcome))
    return told


def left_aside(dossiers: Sequence[Dossier]) -> list[Told]:
    """Tell what reading a dossier ignored, which is not taken into the consolidated study."""
    return [
        Told(
            "ecarte",
            notice.file,
            notice.column or (f"ligne {notice.row}" if notice.row else ""),
            (each.label,),
            notice.message,
            "non repris dans l’étude réunie",
        )
        for each in dossiers
        for notice in each.study.warnings
        if notice.message.endswith(_IGNORED)
    ]


def regional_scenarios(dossiers: Sequence[Dossier]) -> list[Told]:
    """Tell the scenarios of dossiers: thought for a région's envelope, they are not taken."""
    told = []
    for each in dossiers:
        folder = each.folder / SCENARIOS
        names = sorted(path.stem for path in folder.glob("*.toml")) if folder.is_dir() else []
        if names:
            found = "scénarios écrits pour cette étude"
            outcome = "non repris : recopiez ceux qui ont un sens pour l’étude réunie"
            told.append(Told("ecarte", SCENARIOS, "|".join(names), (each.label,), found, outcome))
    return told


def zones_named(dossiers: Sequence[Dossier]) -> list[Told]:
    """Tell the zones that opinions name: the national study draws its own."""
    told = []
    for each in dossiers:
        rows = each.rows.get(AVIS_DEPOSES.name, ())
        zones = sorted({zone for row in rows if (zone := row.cell("zone_id"))})
        if zones and len(dossiers) > 1:
            found = "avis sur des zones de l’étude régionale, recalculées dans l’étude réunie"
            outcome = "gardés ; « proposer » dit « sans objet » ceux dont la zone n’existe plus"
            told.append(
                Told("avis", AVIS_DEPOSES.name, "|".join(zones), (each.label,), found, outcome)
            )
    return told
