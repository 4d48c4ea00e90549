"""Findings on the perimeter: its régions, what is new there, who else asks, which buyers, why."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from coverage.dossiers.rules.examined import claimed
from coverage.parameters import CLASSES, STATE_CLASSES
from coverage.proposals.asked import ground_lacking
from coverage.proposals.justification import GROUND_NAMES
from coverage.proposals.kept import region_of
from coverage.proposals.limits import FACILITATOR
from coverage.status import STATUTS
from coverage.wording import CLASS_NAMES, STATUS_NAMES, listing, named, plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from coverage.dossiers.model import Finding
    from coverage.dossiers.rules.examined import Examined, VoletAsked

RULE = "perimetre"

_COVERED = STATUTS.index("couverte")


def perimeter_findings(it: Examined) -> Iterator[Finding]:
    """Yield what is found of each perimeter claimed, and of the ground of the demand."""
    for volet, units, scope in claimed(it):
        place = f"perimetre.{volet}"
        if it.applies(RULE):
            found = [
                *_elsewhere(it, place, units),
                *_outside_study(it, place, units),
                *(_nothing_new(it, place, units) if volet == FACILITATOR else ()),
                *_asked_twice(it, volet, units, scope),
            ]
            yield from found or [_whole(it, place, units)]
        else:
            yield it.off(RULE, place)
        yield from _state_first(it, place, scope)
    for own in it.volets:
        yield from _ground(it, own)
        yield from _one_project(it, own)


def _elsewhere(it: Examined, place: str, units: Sequence[int]) -> Iterator[Finding]:
    """Tell communes of another région than the structure's, or than the main one of the claim."""
    territory = it.bench.coverage.territory
    home = it.bench.homes.get(it.case.structure_id, "") or region_of(units, territory)
    names = territory.names["region"]
    count = {
        region: communes for region, communes in _by_region(it, units).items() if region != home
    }
    if count:
        told = listing(
            f"{plural(communes, 'commune', 'communes')} en {names.get(region, region)}"
            for region, communes in count.items()
        )
        whose = "de la structure" if it.case.structure_id in it.bench.homes else "principale"
        yield it.discuss(
            RULE,
            place,
            f"périmètre hors de la région {whose}, {names.get(home, home)} : {told}",
            "s’accorder entre régions sur qui couvre ces communes et qui finance",
        )


def _outside_study(it: Examined, place: str, units: Sequence[int]) -> Iterator[Finding]:
    shown = it.bench.coverage.study.regions
    outside = sum(n for region, n in _by_region(it, units).items() if shown and region not in shown)
    if outside:
        count = plural(outside, "commune est", "communes sont")
        yield it.discuss(
            RULE,
            place,
            f"{count} hors des régions de l’étude : leurs besoins et leur couverture peuvent "
            "y être incomplets",
            "vérifier cette part du périmètre avec l’étude de sa région",
        )


def _by_region(it: Examined, units: Sequence[int]) -> dict[str, int]:
    """Return the number of communes claimed by région, sorted."""
    regions = it.bench.coverage.territory.units["region"].iloc[list(units)]
    return dict(sorted(Counter(map(str, regions)).items()))


def _nothing_new(it: Examined, place: str, units: Sequence[int]) -> Iterator[Finding]:
    """Tell a perimeter whose every place is covered already."""
    status = it.bench.today.status[it.bench.claim_rows(units)]
    if (status == _COVERED).all():
        count = plural(len(units), "la seule commune demandée est", "communes demandées sont")
        told = count.removeprefix("1 ") if len(units) == 1 else f"les {count}"
        yield it.discuss(
            RULE,
            place,
            f"rien de nouveau à couvrir : {told} déjà dans le statut "
            f"« {STATUS_NAMES['couverte']} »",
            "dire ce que ce poste y apporterait, ou demander un territoire qui manque de réponse",
        )


def _asked_twice(
    it: Examined, volet: str, units: Sequence[int], scope: Sequence[str]
) -> Iterator[Finding]:
    """Tell the other applications that claim some of the same places for the same buyers."""
    mine = frozenset(units)
    for other in it.bench.applications:
        if other.application_id == it.case.application_id:
            continue
        for asked in other.asked:
            shared = mine.intersection(asked.units)
            if asked.volet == volet and shared and not set(scope).isdisjoint(asked.scope):
                count = plural(len(shared), "commune", "communes")
                yield it.discuss(
                    RULE,
                    f"perimetre.{volet}",
                    f"{count} sur {len(units)} aussi demandées par {named([other.structure_name])} "
                    f"(candidature {named([other.application_id])})",
                    "faire s’accorder les deux structures, ou départager ces communes",
                )


def _whole(it: Examined, place: str, units: Sequence[int]) -> Finding:
    names = it.bench.coverage.territory.names["region"]
    regions = listing(names.get(region, region) for region in _by_region(it, units))
    count = plural(len(units), "commune", "communes")
    return it.conform(
        RULE, place, f"{count} (région {regions}) qu’aucune autre candidature ne demande"
    )


def _state_first(it: Examined, place: str, scope: Sequence[str]) -> Iterator[Finding]:
    rule, place = "donneurs_ordre_etat", f"{place}.donneurs_ordre"
    without = [CLASS_NAMES[name] for name in CLASSES if name in STATE_CLASSES and name not in scope]
    if not it.applies(rule):
        yield it.off(rule, place)
    elif without:
        yield it.discuss(
            rule,
            place,
            f"acheteurs que l’appel met en premier et que le périmètre ne sert pas : "
            f"{listing(without)}",
            "les ajouter, ou dire qui les accompagne",
        )
    else:
        yield it.conform(rule, place, "l’État et ses opérateurs sont servis")


def _ground(it: Examined, own: VoletAsked) -> Iterator[Finding]:
    rule, place = "besoins_non_couverts", "demande.motif_etp"
    if not it.applies(rule):
        yield it.off(rule, place)
        return
    ground = f"motif « {GROUND_NAMES[own.option.ground]} » (volet {own.volet})"
    lacking = ground_lacking(own.asked, own.option, it.bench.judged)
    if lacking:
        pending = it.bench.today.pending[it.bench.claim_rows(own.asked.units)].any()
        unknown = " ; une part y est « non couvert, besoin inconnu : à documenter »"
        yield it.discuss(
            rule,
            place,
            f"{ground} : {lacking} dans le périmètre proposé{unknown if pending else ''}",
            "vérifier le motif et le périmètre, ou documenter ce besoin dans l’étude",
        )
        return
    zones = plural(len(own.option.zone_ids), "zone blanche retenue", "zones blanches retenues")
    projects = plural(len(own.option.projects), "grand projet en cours", "grands projets en cours")
    found = {
        "zone_blanche": zones,
        "services_etat": "au moins un service de l’État non accompagné",
        "grand_projet": projects,
    }[own.option.ground]
    yield it.conform(rule, place, f"{ground} : {found} dans le périmètre proposé")


def _one_project(it: Examined, own: VoletAsked) -> Iterator[Finding]:
    """Tell a post that would serve one project only: nothing is left of it when that ends."""
    rule, place = "sans_specialisation", "demande.motif_etp"
    if own.option.ground != "grand_projet":
        return
    if not it.applies(rule):
        yield it.off(rule, place)
    elif len(own.option.projects) == 1:
        yield it.discuss(
            rule,
            place,
            f"poste qui ne servirait qu’un seul grand projet ({named(own.option.projects)})",
            "lui donner un périmètre plus large, qui demeure après la fin du projet",
        )
    elif own.option.projects:
        yield it.conform(rule, place, f"{len(own.option.projects)} projets, aucun à lui seul")
