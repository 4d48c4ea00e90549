"""Saved scenarios as pages and answers say them: what they change, of which revision, by whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 - FastAPI reads it at run time
from typing import TYPE_CHECKING

from api.scenarios.content import Content, Kept  # noqa: TC001 - same
from api.scenarios.words import differences, lines_of, modification_words

if TYPE_CHECKING:
    from api.scenarios.kept import KeptScenarios, Saved


@dataclass(frozen=True)
class ScenarioLine:
    """Une révision d’un scénario.

    Attributes
    ----------
    version
        Number of the version of the study that it was written on.
    changements
        What it changes, a French phrase each.
    """

    numero: int
    nom: str
    revision: int
    enregistre_par: str
    enregistre_le: datetime
    version: int
    archive: bool
    description: str
    changements: list[str]


@dataclass(frozen=True)
class LostLine:
    """Une modification que la version servie ne peut pas prendre."""

    texte: str
    raison: str


@dataclass(frozen=True)
class ScenarioFacts:
    """Un scénario en entier.

    Attributes
    ----------
    modifications
        Those that the version served takes, at their rows there.
    non_retrouvees
        The others, never made to another row than their own.
    """

    scenario: ScenarioLine
    contenu: Content
    modifications: list[Kept]
    non_retrouvees: list[LostLine]


@dataclass(frozen=True)
class DifferenceLine:
    """Ce que change l’un ou l’autre de deux contenus."""

    texte: str
    enregistre: bool
    propose: bool


@dataclass(frozen=True)
class ConflictFacts:
    """Deux contenus d’un même scénario : celui qui est enregistré, celui qui ne l’est pas."""

    enregistre: ScenarioFacts
    propose: Content
    lignes: list[DifferenceLine]


def scenario_line(saved: Saved, kept: KeptScenarios) -> ScenarioLine:
    """Return a revision in a line."""
    content = saved.content
    return ScenarioLine(
        numero=saved.number,
        nom=saved.name,
        revision=saved.revision,
        enregistre_par=saved.saved_by,
        enregistre_le=saved.saved_at,
        version=content.etude.numero,
        archive=content.archive,
        description=content.description,
        changements=lines_of(saved.name, content, kept.study.coverage),
    )


def scenario_facts(saved: Saved, kept: KeptScenarios) -> ScenarioFacts:
    """Return a scenario whole."""
    located = kept.located(saved.content)
    return ScenarioFacts(
        scenario=scenario_line(saved, kept),
        contenu=saved.content,
        modifications=list(located.found),
        non_retrouvees=[
            LostLine(modification_words(each.kept, kept.study.coverage), each.reason)
            for each in located.lost
        ],
    )


def conflict_facts(theirs: Saved, mine: Content, kept: KeptScenarios) -> ConflictFacts:
    """Return both contents of a scenario that someone else saved meanwhile."""
    lines = differences(theirs.name, theirs.content, mine, kept.study.coverage)
    return ConflictFacts(
        enregistre=scenario_facts(theirs, kept),
        propose=mine,
        lignes=[DifferenceLine(line.words, line.theirs, line.mine) for line in lines],
    )
