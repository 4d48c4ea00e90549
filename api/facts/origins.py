"""What a study draws its need from, what it lacks, and what became of its contracts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.facts.contributions import ORIGIN_NAMES
from api.facts.hypotheses import Hypothesis, hypotheses
from api.facts.values import class_names
from coverage.trace import ORIGINES
from coverage.wording import plural
from data.results.sources import contract_summary

if TYPE_CHECKING:
    from api.facts.ground import Ground

_ABSENT = {
    "besoins": "aucune ligne déclarée",
    "marches": "aucun fichier de marchés déposé",
    "grands_projets": "aucun fichier de grands projets déposé : leur présence est inconnue",
    "services_etat": "aucun fichier de services déposé : leur présence est inconnue",
    "composite": "aucun total régional déposé : rien n’est estimé par indicateurs",
}


@dataclass(frozen=True)
class OriginLine:
    """One origin of need in a study.

    Attributes
    ----------
    deposee
        Whether the study has a file of it.
    objets
        What was filed, counted, in French; why there is nothing when `deposee` is false.
    heures
        Whole hours that it brings in the year to the communes shown.
    """

    origine: str
    nom: str
    deposee: bool
    objets: str
    heures: int


@dataclass(frozen=True)
class AsideReason:
    """Contracts set aside for one reason; their amount where it could be read, None nowhere."""

    raison: str
    marches: int
    montant_eur: int | None


@dataclass(frozen=True)
class ClauseLine:
    """Clauses that the contracts of a class already declare, counted apart from the need.

    Attributes
    ----------
    marches_en_cours
        Contracts that run in the year; `renseignes` say whether they bear a clause.
    heures_si_suivies
        Hours of those that do, if every clause is followed.
    """

    donneur_ordre: str
    donneur_ordre_nom: str
    marches_en_cours: int
    renseignes: int
    avec_clause: int
    heures_si_suivies: int


@dataclass(frozen=True)
class ContractFacts:
    """What became of the contracts filed, in the whole study."""

    retenus: int
    ecartes: int
    raisons: list[AsideReason]
    clauses: list[ClauseLine]


@dataclass(frozen=True)
class AsideContract:
    """A contract that brought no hours, and why; `ligne` None when it is unknown."""

    fichier: str
    ligne: int | None
    marche_id: str
    raison: str
    trouve: str
    montant_eur: str | None


def origin_lines(ground: Ground, region: str = "") -> list[OriginLine]:
    """Return every origin, those that are absent too; their hours add up to the need shown."""

    def make() -> list[OriginLine]:
        rows = ground.tracer.rows(ground.shown_units(region), detail=False)
        hours = rows.groupby("origine")["hours"].sum()
        filed = _filed(ground)
        return [
            OriginLine(
                origine=name,
                nom=ORIGIN_NAMES[name],
                deposee=name in filed,
                objets=filed.get(name, _ABSENT[name]),
                heures=int(hours.get(name, 0)),
            )
            for name in ORIGINES
        ]

    return ground.once(("origines", region), make)


def study_hypotheses(ground: Ground, region: str = "") -> list[Hypothesis]:
    """Return the hypotheses under the hours of the communes shown."""
    origins = {line.origine for line in origin_lines(ground, region) if line.heures}
    return hypotheses(ground.coverage.study.parameters, origins)


def contract_facts(ground: Ground) -> ContractFacts:
    """Return what became of the contracts of a study."""
    (found,) = ground.once(("marches",), lambda: [_contracts(ground)])
    kept: ContractFacts = found
    return kept


def aside_contracts(ground: Ground, limit: int) -> list[AsideContract]:
    """Return the first contracts set aside, in the order of `marches_ecartes.csv`."""
    aside = ground.coverage.study.contracts_aside
    rows = aside.sort("source", "row", "contract_id", "reason", "found").head(limit)
    return [
        AsideContract(
            fichier=row["source"],
            ligne=row["row"] or None,
            marche_id=row["contract_id"] or "",
            raison=row["reason"],
            trouve=row["found"] or "",
            montant_eur=_euros(row["amount_cents"]),
        )
        for row in rows.iter_rows(named=True)
    ]


def _euros(cents: int | None) -> str | None:
    return None if cents is None else f"{cents // 100}.{cents % 100:02d}"


def _filed(ground: Ground) -> dict[str, str]:
    """Say what was filed of each origin that is not absent."""
    study, sites = ground.coverage.study, ground.coverage.need.sites
    found = {}
    if len(study.needs):
        found["besoins"] = plural(len(study.needs), "ligne déclarée", "lignes déclarées")
    if len(study.contracts) or len(study.contracts_aside):
        found["marches"] = plural(len(study.contracts), "marché retenu", "marchés retenus")
    if study.projects is not None:
        found["grands_projets"] = (
            f"{plural(study.projects['projet_id'].nunique(), 'projet', 'projets')}, dont "
            f"{len(sites.names)} en cours en {study.year}"
        )
    if study.services is not None:
        found["services_etat"] = plural(len(study.services), "service", "services")
    if len(study.regional_totals):
        found["composite"] = plural(
            len(study.regional_totals), "total régional", "totaux régionaux"
        )
    return found


def _contracts(ground: Ground) -> ContractFacts:
    found: dict[str, Any] = contract_summary(ground.coverage.study)
    reasons = [
        AsideReason(reason, own["marches"], own["montant_eur"])
        for reason, own in found["ecartes_par_raison"].items()
    ]
    return ContractFacts(
        retenus=found["retenus"],
        ecartes=found["ecartes"],
        raisons=sorted(reasons, key=lambda line: (-line.marches, line.raison)),
        clauses=[
            ClauseLine(donneur_ordre=name, donneur_ordre_nom=class_names([name])[0], **own)
            for name, own in found["clauses_constatees"].items()
        ],
    )
