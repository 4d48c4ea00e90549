"""What a study knows of a structure, as values of the form to send it."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from coverage.model import VOLETS
from coverage.perimeters import active_posts

if TYPE_CHECKING:
    import pandas as pd

    from coverage.model import Study

RENEWED = "aap_2022"
"""Funding of the posts that the 2022 call created."""

_HUNDREDTHS = 100


def prefilled(study: Study, structure_id: str) -> dict[str, Any]:
    """Return what is known of a structure: who it is, its ETP, when its 2022 posts began.

    ETP are those active in the study's year, rounded down to the hundredth. A structure without a
    post of a volet has 0 ETP of it: the study counts all posts.

    Parameters
    ----------
    structure_id
        Of the study.

    Raises
    ------
    KeyError
        When the study lacks it.
    """
    known = study.structures.loc[structure_id]
    porteur = {
        "nom": str(known["nom"]),
        "structure_id": structure_id,
        "siret": str(known["siret"] or ""),
        "statut_juridique": str(known["statut_juridique"] or ""),
    }
    active = active_posts(study)
    own = active[active["structure_id"] == structure_id]
    etp = {f"etp_{volet}": _hundredths(own[own["volet"] == volet]) for volet in VOLETS}
    values: dict[str, Any] = {
        "porteur": {name: text for name, text in porteur.items() if text},
        "etat_des_lieux": etp | {"etp_total": sum(etp.values())},
    }
    begun = sorted(each for each in renewed_posts(study, structure_id)["debut"] if each)
    return values | ({"convention_2022": {"date_mise_en_oeuvre": begun[0]}} if begun else {})


def renewed_posts(study: Study, structure_id: str) -> pd.DataFrame:
    """Return the posts of a structure that the 2022 call created."""
    posts = study.posts
    return posts[(posts["structure_id"] == structure_id) & (posts["financement"] == RENEWED)]


def _hundredths(posts: pd.DataFrame) -> int:
    return int(sum(posts["etp"], Fraction(0)) * _HUNDREDTHS)
