"""One year decided place by place: posts, atoms, need, supply, fair flows, statuses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coverage.atoms import build_atoms, structure_shares
from coverage.decision import decide
from coverage.model import VOLETS
from coverage.need import build_need
from coverage.perimeters import active_posts
from coverage.reach import build_reach
from coverage.supply import build_supply

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from coverage.decision import Decision
    from coverage.model import Atoms, Need, Study
    from coverage.supply import Supply
    from geo.errors import Notice
    from geo.territory import Territory


@dataclass(frozen=True)
class Basis:
    """What zones, tables and years are made of.

    Attributes
    ----------
    posts
        Active posts of the year, with their `days`.
    links
        By volet: the share of each unit that each structure reaches.
    warnings
        About what is reached and offered; those of the need stand in it.
    """

    posts: pd.DataFrame
    atoms: Atoms
    links: Mapping[str, pd.DataFrame]
    need: Need
    supply: Supply
    decision: Decision
    warnings: tuple[Notice, ...]


def build_basis(
    study: Study, territory: Territory, *, on_step: Callable[[str], None] = lambda _: None
) -> Basis:
    """Decide the study's year.

    Raises
    ------
    UnknownCodeError
        When a code of the study is unknown in the territory.
    """
    on_step("Périmètres et postes en vigueur")
    posts = active_posts(study)
    reach = {volet: build_reach(study, territory, posts, volet=volet) for volet in VOLETS}
    pieces = {volet: build_atoms(reach[volet], territory) for volet in VOLETS}
    links = {volet: structure_shares(pieces[volet]) for volet in VOLETS}
    atoms = pieces["facilitateur"]
    on_step("Besoin par commune et donneur d’ordre")
    need = build_need(study, territory)
    supply = build_supply(study, territory, posts, links["facilitateur"], need.known)
    on_step("Réponse équitable et réponse à l’État d’abord")
    decision = decide(need, atoms, supply, study.parameters)
    drawn = tuple(notice for volet in VOLETS for notice in reach[volet].warnings)
    return Basis(posts, atoms, links, need, supply, decision, (*drawn, *supply.warnings))
