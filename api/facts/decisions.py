"""Why a zone is kept as zone blanche or not, in French."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.facts.values import optional_int
from coverage.wording import THIN, listing, plural, whole

if TYPE_CHECKING:
    from api.facts.ground import Ground

_DECIDED = {
    "capacite_insuffisante": "Retenue : l’insuffisance de capacité est toujours une zone blanche.",
    "couverte": "Non retenue : la capacité suffit au mieux, sous les hypothèses affichées.",
    "donnee_manquante": (
        "Non retenue, faute de besoin connu : ce n’est pas une preuve de couverture."
    ),
}


def decision(ground: Ground, row: dict[Any, Any]) -> str:
    """Say why a zone is kept as zone blanche or not."""
    hours = ground.coverage.study.parameters.seuil_besoin_h
    threshold = f"{whole(hours)}{THIN}h par an"
    if row["statut"] in _DECIDED:
        return _DECIDED[row["statut"]]
    if row["besoin"] == "identifie":
        return f"Retenue : {_grounds(row, hours, threshold)}."
    if row["retenue"]:
        return "Retenue : cette étude n’exige pas de besoin identifié d’un territoire non couvert."
    if row["en_attente"]:
        return f"À documenter : le besoin connu est sous {threshold}, mais {_missing(row)}."
    return (
        f"Non retenue : tout le besoin est connu et il est sous le seuil de {threshold}"
        f"{_without_sites(row)}."
    )


def _grounds(row: dict[Any, Any], hours: int, threshold: str) -> str:
    """Say on what the need of a zone is identified."""
    found = []
    if row["besoin_h"] and row["besoin_h"] >= hours:
        found.append(f"le besoin connu atteint le seuil de {threshold}")
    if count := optional_int(row["services_etat_non_accompagnes"]):
        services = ("service de l’État non accompagné", "services de l’État non accompagnés")
        found.append(f"elle a {plural(count, *services)}")
    if count := optional_int(row["grands_projets"]):
        found.append(
            f"{plural(count, 'grand projet', 'grands projets')} la touche"
            f"{'nt' if count > 1 else ''}"
        )
    return listing(found)


def _missing(row: dict[Any, Any]) -> str:
    """Say what is unknown of the need of a zone."""
    found = [] if row["besoin_connu_partout"] else ["une partie du besoin est inconnue"]
    if count := optional_int(row["services_etat_a_preciser"]):
        services = plural(count, "service de l’État", "services de l’État")
        found.append(f"l’accompagnement de {services} est à préciser")
    return listing(found)


def _without_sites(row: dict[Any, Any]) -> str:
    """Say of services and projects that there are none, or that they are unknown."""
    known = {
        "services de l’État non accompagnés": row["services_etat_non_accompagnes"],
        "grands projets": row["grands_projets"],
    }
    unknown = [name for name, count in known.items() if optional_int(count) is None]
    if not unknown:
        return f"{THIN}; ni service de l’État non accompagné, ni grand projet"
    return f"{THIN}; inconnus, faute de fichier{THIN}: {listing(unknown)}"
