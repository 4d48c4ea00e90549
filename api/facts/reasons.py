"""Why a place has its status: the rules of the method, in their order, with its own figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.facts.names import status_style
from api.facts.rates import answered, mean
from api.facts.values import Rate, class_names, known_hours, quoted, rate
from coverage.atoms import cover_of
from coverage.parameters import CLASSES, STATE_CLASSES
from coverage.status import STATUTS, gravity
from coverage.wording import STATUS_NAMES, THIN, listing, percent

if TYPE_CHECKING:
    from fractions import Fraction

    from api.facts.ground import Ground

RULES = {
    "non_couverte": "Aucun périmètre de facilitateur en vigueur",
    "limitrophe": "Seulement des extensions de facilitateurs voisins, sans poste dédié",
    "donnee_manquante": "Couverte, mais aucun besoin connu",
    "capacite_insuffisante": "Taux de réponse, ou taux de réponse État, sous son seuil",
    "couverte": "Aucune des règles qui précèdent",
}
HELD, FAILED, NOT_EXAMINED = "vraie", "fausse", "non_examinee"


@dataclass(frozen=True)
class Rule:
    """One rule of the status, and what it found there.

    Attributes
    ----------
    resultat
        `vraie`, `fausse`, or `non_examinee` when an earlier rule already decided.
    constat
        The figures of the place against the rule, in French; empty when not examined.
    """

    rang: int
    statut: str
    statut_nom: str
    regle: str
    resultat: str
    constat: str


@dataclass(frozen=True)
class Part:
    """One part of a commune: the set of perimeters that applies there, its own status.

    Attributes
    ----------
    lieu
        The commune's code, with the part's number where a drawn border cuts it.
    part
        Share of the commune's area, six decimals.
    montree
        Whether the commune shows the status of this part.
    """

    lieu: str
    part: str
    statut: str
    statut_nom: str
    motif_legende: str
    zone_id: str
    besoin_h: int | None
    taux: Rate
    taux_etat: Rate
    montree: bool
    regles: list[Rule]


def parts(ground: Ground, unit: int) -> list[Part]:
    """Return the parts of a commune in their order; one when no drawn border cuts it."""
    table = ground.coverage.atoms.table
    unknown = ground.coverage.communes["classes_inconnues"].iloc[unit]
    found = []
    for row in ground.atoms_of(unit):
        status = STATUTS[ground.status_of_atom[row]]
        rates = {flow: mean(answered(ground, [row], flow)) for flow in ("total", "etat")}
        shade = ""
        if status == "capacite_insuffisante":
            shade = gravity(rates["total"], rates["etat"])
        style = status_style(status, shade, unknown=bool(unknown))
        found.append(
            Part(
                lieu=str(ground.place[row]),
                part=f"{table['share'].iloc[row]:.6f}",
                statut=status,
                statut_nom=style.short,
                motif_legende=style.key,
                zone_id=str(ground.zone_of_atom[row]),
                besoin_h=known_hours(ground.hours_of_atom[row].sum(), unknown=unknown),
                taux=rate(rates["total"], unknown=unknown),
                taux_etat=rate(rates["etat"], unknown=unknown, classes=STATE_CLASSES),
                montree=bool(ground.shown_atoms[unit] == row),
                regles=_rules(ground, row, status, rates),
            )
        )
    return found


def _rules(ground: Ground, row: int, status: str, rates: dict[str, Fraction | None]) -> list[Rule]:
    decided = STATUTS.index(status)
    findings = _findings(ground, row, rates)
    return [
        Rule(
            rang=rank + 1,
            statut=name,
            statut_nom=STATUS_NAMES[name],
            regle=RULES[name],
            resultat=(FAILED if rank < decided else HELD if rank == decided else NOT_EXAMINED),
            constat=findings[name] if rank <= decided else "",
        )
        for rank, name in enumerate(STATUTS)
    ]


def _findings(ground: Ground, row: int, rates: dict[str, Fraction | None]) -> dict[str, str]:
    """Say what each rule sees in an atom."""
    coverage = ground.coverage
    signature = coverage.atoms.signatures[int(coverage.atoms.table["signature"].iloc[row])]
    unknown = coverage.communes["classes_inconnues"].iloc[int(ground.unit_of_atom[row])]
    return {
        "non_couverte": _holders(ground, signature),
        "limitrophe": _natures(signature),
        "donnee_manquante": _knowledge(unknown),
        "capacite_insuffisante": _thresholds(ground, rates, unknown),
        "couverte": _remainder(unknown),
    }


def _holders(ground: Ground, signature: tuple[tuple[str, str], ...]) -> str:
    names = ground.coverage.study.structures["nom"]
    holders = sorted({str(names.get(structure, structure)) for structure, _ in signature})
    if not holders:
        return (
            "Aucune structure n’a ici un périmètre compté et un poste de facilitateur en activité."
        )
    return f"Périmètre en vigueur de {listing(map(quoted, holders))}."


def _natures(signature: tuple[tuple[str, str], ...]) -> str:
    count = sum(nature != "extension" for _, nature in signature)
    if cover_of(signature) == "extension":
        return "Aucun périmètre principal, aucune extension dotée d’un poste."
    return f"{count} périmètre{'s' if count > 1 else ''} principal ou doté d’un poste."


def _knowledge(unknown: tuple[str, ...]) -> str:
    if len(unknown) == len(CLASSES):
        return "Aucune classe de donneurs d’ordre n’a de besoin connu."
    if not unknown:
        return "Le besoin de toutes les classes de donneurs d’ordre est connu."
    return f"Besoin connu en partie{THIN}; inconnu{THIN}: {listing(class_names(unknown))}."


def _thresholds(ground: Ground, rates: dict[str, Fraction | None], unknown: tuple[str, ...]) -> str:
    parameters = ground.coverage.study.parameters
    state_unknown = not set(unknown).isdisjoint(STATE_CLASSES)
    return " ".join(
        (
            _against("Taux de réponse", rates["total"], parameters.seuil_reponse, bool(unknown)),
            _against(
                "Taux de réponse État",
                rates["etat"],
                parameters.seuil_reponse_etat,
                state_unknown,
            ),
        )
    )


def _against(name: str, value: Fraction | None, threshold: Fraction, unknown: bool) -> str:  # noqa: FBT001 - a private sentence
    if value is None:
        why = "non mesuré, besoin inconnu" if unknown else "sans objet, aucun besoin"
        return f"{name}{THIN}: {why}."
    side = "sous le seuil" if value < threshold else "au moins égal au seuil"
    known = " sur le seul besoin connu" if unknown else ""
    return f"{name}{THIN}: {percent(value)}{known}, {side} de {percent(threshold)}."


def _remainder(unknown: tuple[str, ...]) -> str:
    if unknown:
        return (
            "Capacité suffisante au mieux pour le besoin connu, sous les hypothèses affichées"
            f"{THIN}; une partie du besoin est inconnue."
        )
    return "Capacité suffisante au mieux, sous les hypothèses affichées."
