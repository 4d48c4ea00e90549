"""Findings on a coordinator: a région that has none, that needs one, and renewals apart."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from coverage.proposals.application import COORDINATOR
from coverage.wording import decimal, named, plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coverage.dossiers.model import Finding
    from coverage.dossiers.rules.examined import Examined

_ZONES = ("zone blanche retenue", "zones blanches retenues")
_PLACE = f"perimetre.{COORDINATOR}"


def coordinator_findings(it: Examined) -> Iterator[Finding]:
    """Yield what is found of a coordinator that is asked."""
    for own in it.volets:
        if own.volet == COORDINATOR:
            names = it.bench.judged.regions.names
            region = names.get(own.option.region, own.option.region)
            zones = it.bench.coverage.zones
            kept = int((zones["retenue"] & (zones["region"] == own.option.region)).sum())
            yield from it.broken_or(
                own,
                "coordinateur_region_non_pourvue",
                _PLACE,
                f"la région {region} n’a pas de coordinateur en poste",
            )
            yield from it.broken_or(
                own,
                "coordinateur_besoin",
                _PLACE,
                f"la région {region} a {plural(kept, *_ZONES)}"
                if kept
                else f"la région {region} a un service de l’État non accompagné ou un grand projet",
            )
    if COORDINATOR in it.asks:
        yield from _renewed(it)


def _renewed(it: Examined) -> Iterator[Finding]:
    """Tell the posts of an earlier call apart: keeping them is no creation."""
    rule = "coordinateur_renouvellement"
    earlier = [
        post
        for post in it.bench.held.get(it.case.structure_id, ())
        if post.volet == COORDINATOR and post.funding == f"aap_{it.bench.call.year - 1}"
    ]
    if earlier and not it.applies(rule):
        yield it.off(rule, _PLACE)
    elif earlier:
        etp = decimal(sum((post.etp for post in earlier), Fraction(0)), 2)
        told = named(post.name for post in earlier if post.name) or "de la structure"
        yield it.conform(
            rule,
            _PLACE,
            f"le poste de coordinateur déjà conventionné ({told}, {etp} ETP) est conservé sans "
            "cette demande, qui en crée un de plus",
        )
