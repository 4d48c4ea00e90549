"""One place explained: who covers it, its need and sources, its rates, its certificates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.facts.ground import Ground
from api.facts.places import find_commune
from api.facts.values import KNOWN_NAMES, NATURE_NAMES
from coverage.parameters import CLASSES
from coverage.wording import CLASS_NAMES, STATUS_NAMES, certificate_sentence, percent, whole
from data.results.provenance import plain

__all__ = ("explanation", "facts", "find_commune")

if TYPE_CHECKING:
    from coverage.model import Coverage
    from coverage.parameters import Parameters


def facts(coverage: Coverage, code: str) -> dict[str, Any]:
    """Return everything that decides one commune's status, as plain values."""
    row = coverage.communes.loc[code].to_dict()
    zone = coverage.zones.loc[row["zone_id"]]
    ground = Ground(coverage)
    unit = int(coverage.territory.units.index.get_loc(code))
    need = coverage.need.parts[coverage.need.parts["unit"] == unit]
    own = ground.certificates_of(code)
    names = coverage.study.structures["nom"]
    return {
        "commune": code,
        **{str(name): plain(value) for name, value in row.items()},
        "structures": [
            {"structure_id": s, "nom": names.get(s, s), "nature": nature}
            for s, nature in sorted(ground.cover(unit))
        ],
        "besoins": need.drop(columns="unit").to_dict("records"),
        "motif_zone": zone["motif"],
        "certificats": [
            {"id": name, "phrase": certificate_sentence(coverage.certificates[name])}
            for name in zone["certificats"]
            if name in own
        ],
    }


def explanation(coverage: Coverage, code: str) -> str:
    """Return the explanation of one commune, in French."""
    found = facts(coverage, code)
    row = coverage.communes.loc[code]
    lines = [
        f"{found['nom']} ({code}), département {found['departement']}",
        f"Statut : {STATUS_NAMES[found['statut']]}",
        *(["Commune mixte : une autre partie a un autre statut"] if found["mixte"] else []),
        *_why(row, coverage.study.parameters),
        f"Sa zone ({found['zone_id']}) : {found['motif_zone']}",
        "",
        "Qui couvre :",
        *(_cover(found["structures"])),
        "",
        f"Besoin de l’année {coverage.study.year} ({KNOWN_NAMES[found['besoin_connu']]}) :",
        *_needs(found["besoins"]),
        f"  total {whole(found['besoin_h'])} h, dont État {whole(found['besoin_etat_h'])} h ; "
        f"servies au mieux : {whole(found['servi_h'])} h",
        *_unknown(found["classes_inconnues"]),
        "",
        f"Taux de réponse : {_rate(row['taux_reponse'])}",
        f"Taux de réponse État (État servi d’abord) : {_rate(row['taux_reponse_etat'])}",
    ]
    if found["certificats"]:
        lines += ["", "Certificats (détail dans certificats.json) :"]
        lines += [f"  {c['id']} : {c['phrase']}" for c in found["certificats"]]
    return "\n".join(lines)


def _why(row: Any, parameters: Parameters) -> list[str]:  # noqa: ANN401 - a row of communes
    """Say how the commune itself stands against each threshold."""
    tests = (
        ("Taux de réponse", row["taux_reponse"], parameters.seuil_reponse),
        ("Taux de réponse État", row["taux_reponse_etat"], parameters.seuil_reponse_etat),
    )
    return [
        f"Pourquoi : {name} de {percent(rate)}, sous le seuil de {percent(threshold)}"
        for name, rate, threshold in tests
        if row["statut"] == "capacite_insuffisante" and rate is not None and rate < threshold
    ]


def _cover(structures: list[dict[str, str]]) -> list[str]:
    if not structures:
        return ["  aucun facilitateur"]
    return [f"  {s['nom']} ({s['structure_id']}) : {NATURE_NAMES[s['nature']]}" for s in structures]


def _needs(needs: list[dict[str, Any]]) -> list[str]:
    ordered = sorted(needs, key=lambda n: (CLASSES.index(n["donneur_ordre"]), n["source"]))
    return [
        f"  {CLASS_NAMES[n['donneur_ordre']]} : {whole(n['hours'])} h"
        + (f", programme {n['programme']}" if n["programme"] else "")
        + (f" — source : {n['source']}" if n["source"] else " — source non indiquée")
        for n in ordered
    ]


def _unknown(classes: list[str]) -> list[str]:
    if not classes:
        return []
    return ["  inconnu (ni zéro, ni couvert) : " + ", ".join(CLASS_NAMES[c] for c in classes)]


def _rate(rate: Any) -> str:  # noqa: ANN401 - a Fraction or None out of a table
    return "sans objet (aucun besoin connu)" if rate is None else percent(rate)
