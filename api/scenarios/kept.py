"""The scenarios that the register keeps of a study served from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError as Malformed

from api.scenarios.content import Content, Version, content_of
from api.scenarios.located import Places
from api.scenarios.overlay import check
from data.store.errors import MissingError
from data.store.scenarios import (
    numbered_scenario,
    restore_scenario,
    revisions_of,
    save_scenario,
    scenarios_of,
)
from data.store.scenarios import scenario as named_scenario
from data.store.studies import study_of_slug, versions_of
from geo.errors import InputErrors, Notice

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from api.scenarios.content import Kept
    from api.scenarios.located import Located
    from api.studies import OpenStudy
    from api.trials.asked import Modification
    from data.store.engine import Store
    from data.store.scenarios import Scenario as Row

WHY_NONE = (
    "cette étude ne garde pas de scénarios : elle n’est pas servie depuis le registre → la "
    "déposer au registre, puis servir sa version"
)


@dataclass(frozen=True)
class Saved:
    """One revision of a scenario, its content read."""

    number: int
    name: str
    revision: int
    content: Content
    saved_by: str
    saved_at: datetime


@dataclass(frozen=True)
class KeptScenarios:
    """The scenarios of one study.

    Attributes
    ----------
    version
        The version that is served.
    """

    store: Store
    study: OpenStudy
    study_id: int
    version: Version

    @property
    def places(self) -> Places:
        """The rows that modifications may name in the version served."""
        return self.study.once(
            "scenario_places",
            lambda: Places(self.study.coverage.study, self.study.coverage.territory),
        )

    def all(self) -> list[Saved]:
        """Return the scenarios as they were last saved, by name."""
        with self.store.read() as session:
            return [saved_of(row) for row in scenarios_of(session, self.study_id)]

    def one(self, number: int, revision: int | None = None) -> Saved:
        """Return a scenario as it was last saved, or one of its revisions.

        Raises
        ------
        MissingError
            When there is none.
        """
        with self.store.read() as session:
            return saved_of(numbered_scenario(session, self.study_id, number, revision=revision))

    def named(self, name: str, revision: int) -> Saved:
        """Return a revision of the scenario that bears a name.

        Raises
        ------
        MissingError
            When there is none.
        """
        with self.store.read() as session:
            return saved_of(named_scenario(session, self.study_id, name, revision=revision))

    def history(self, name: str) -> list[Saved]:
        """Return every revision of a scenario, the last first."""
        with self.store.read() as session:
            return [saved_of(row) for row in reversed(revisions_of(session, self.study_id, name))]

    def located(self, content: Content) -> Located:
        """Return the modifications of a content in the version served."""
        return self.places.locate(content.modifications)

    def made(self, seen: Content | None, changes: Mapping[str, Any]) -> Content:
        """Return the content that changes make of the one that was seen, written on this version.

        Parameters
        ----------
        changes
            Fields of `Content`; those that are absent stay as they were.

        Raises
        ------
        InputErrors
            When one of them is too long.
        """
        before = {} if seen is None else dict(seen)
        try:
            return Content.model_validate({**before, **changes, "etude": self.version})
        except Malformed as error:
            raise InputErrors(map(_misfit, error.errors())) from error

    def tried(self, seen: Content | None, asked: Iterable[Modification]) -> list[Kept]:
        """Return the modifications of a what-if as they are kept.

        Those of the content seen that this version cannot take are kept: whoever tried did not
        see them on the map.

        Raises
        ------
        EditError
            When the study cannot take what is asked.
        """
        lost = () if seen is None else self.located(seen).lost
        return [*self.places.keep(asked), *(each.kept for each in lost)]

    def save(self, actor: str, name: str, content: Content, seen: int | None) -> Saved:
        """Save a content as the next revision of a scenario.

        Parameters
        ----------
        seen
            The revision that was read before it was changed; None for a new scenario.

        Raises
        ------
        InputErrors
            All that is wrong with the content.
        StaleError, MissingError
            As `data.store.scenarios.save_scenario`.
        """
        check(name, content)
        with self.store.write(actor) as write:
            return saved_of(save_scenario(write, self.study_id, name, content.plain(), seen))

    def restore(self, actor: str, earlier: Saved, seen: int) -> Saved:
        """Save an earlier revision again, as the next one.

        Raises
        ------
        StaleError, MissingError
            As `data.store.scenarios.restore_scenario`.
        """
        with self.store.write(actor) as write:
            name, revision = earlier.name, earlier.revision
            return saved_of(restore_scenario(write, self.study_id, name, revision, seen))


def kept_scenarios(store: Store | None, study: OpenStudy) -> KeptScenarios:
    """Return the scenarios of a study.

    Raises
    ------
    MissingError
        When the study is not served from the register.
    """
    if store is None or study.frozen is None:
        raise MissingError(WHY_NONE)
    number = study.frozen.number
    with store.read() as session:
        study_id = study_of_slug(session, study.frozen.slug).study_id
        served = next(each for each in versions_of(session, study_id) if each.number == number)
    version = Version(numero=number, empreinte=served.digest)
    return KeptScenarios(store, study, study_id, version)


def _misfit(item: Mapping[str, Any]) -> Notice:
    place = ", ".join(f"« {part} »" for part in item["loc"] if isinstance(part, str))
    return Notice("", 0, "", f"{place} : valeur trop longue ou mal formée", "la corriger")


def saved_of(row: Row) -> Saved:
    """Return a revision with its content read.

    Raises
    ------
    RegisterError
        When another program wrote it.
    """
    return Saved(
        number=row.scenario_id,
        name=row.name,
        revision=row.revision,
        content=content_of(row.content),
        saved_by=row.saved_by,
        saved_at=row.saved_at,
    )
