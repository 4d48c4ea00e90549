"""Applications of a deposit: their files, and the drafts of those being written or changed.

A draft is saved whatever is missing in it. Its file is written only when the reader of plans
accepts it, and only when something of it changes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from api.deposits.application_names import (
    checked_name,
    is_application,
    name_of,
    path_of,
)
from data.applications.drafted import (
    Drafted,
    digest_of,
    known,
    mark_of,
    part_of,
    settled,
)
from data.applications.form_prefill import prefilled
from data.applications.form_reading import read_form
from data.applications.form_texts import read_texts, texts_of
from data.edited.study import call_of, named_study
from data.store.drafts import (
    APPLICATION,
    discard_draft,
    draft,
    drafts_of_parts,
    part_key,
    save_draft,
)
from data.store.errors import MissingError, StaleError, TakenError
from data.uploads.names import fold_path

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from api.deposits.deposit import Deposit
    from coverage.dossiers.form import Form
    from coverage.dossiers.model import Finding
    from coverage.model import Study
    from coverage.proposals.model import Call
    from data.store.drafts import Draft
    from data.store.engine import Store, Write
    from geo.territory import Territory

_SHORT = 32


@dataclass(frozen=True)
class Opened:
    """An application of a deposit, as its form shows it.

    Attributes
    ----------
    path
        Of its file, or of the one that it would have.
    content
        Of its file; empty when the deposit has none.
    filed
        Boxes of its file.
    drafted
        Its draft, None when nobody changes it.
    saved_at
        When the draft was saved.
    """

    name: str
    path: str
    content: bytes
    filed: Mapping[str, str]
    drafted: Drafted | None = None
    saved_at: datetime | None = None

    @property
    def texts(self) -> Mapping[str, str]:
        """Boxes of its draft, else of its file."""
        return self.filed if self.drafted is None else self.drafted.texts

    @property
    def mark(self) -> str:
        """What changes when a box does."""
        return mark_of(self.texts)

    @property
    def source(self) -> str:
        """Digest of its file."""
        return digest_of(self.content)

    @property
    def overtaken(self) -> bool:
        """Whether its file changed since the draft was begun from it."""
        return self.drafted is not None and self.drafted.source != self.source


class Applications:
    """The applications of one deposit, as one request sees them.

    Parameters
    ----------
    seen
        `revision` of the deposit, read before its files.
    files
        Path from the study folder → content.
    """

    def __init__(
        self,
        store: Store,
        deposit: Deposit,
        seen: int,
        files: Mapping[str, bytes],
        territory: Territory,
    ) -> None:
        self.deposit, self.files, self.territory = deposit, files, territory
        self.call: Call = call_of(files, territory)
        self._store, self.seen = store, seen
        self._paths = {fold_path(path): path for path in files if is_application(path)}

    @cached_property
    def study(self) -> Study:
        """What applications name of the study of the deposit."""
        return named_study(self.files, self.territory)

    @property
    def structures(self) -> dict[str, str]:
        """The structures of the study: identifier → name."""
        return {str(key): str(name) for key, name in self.study.structures["nom"].items()}

    def known_of(self, structure: str) -> Mapping[str, Any]:
        """Return what the study knows of a structure, as the form has it; nothing without one.

        Raises
        ------
        MissingError
            When the study has no such structure.
        """
        if structure and structure not in self.structures:
            raise MissingError(f"l’étude n’a pas de structure « {structure} » → en choisir une")
        return prefilled(self.study, structure) if structure else {}

    def all(self) -> list[Opened]:
        """Return them by name."""
        owner, key = self.deposit.owner, self.deposit.key
        with self._store.read() as session:
            kept = drafts_of_parts(session, owner, APPLICATION, key)
        drafts = {fold_path(each.content["nom"]): each for each in kept}
        names = {fold_path(name_of(path)): name_of(path) for path in self._paths.values()}
        names |= {name: each.content["nom"] for name, each in drafts.items() if name not in names}
        return [_with(self._filed(names[name]), drafts.get(name)) for name in sorted(names)]

    def find(self, name: str) -> Opened:
        """Return an application.

        Raises
        ------
        MissingError
            When the deposit has neither a file nor a draft of this name.
        """
        with self._store.read() as session:
            kept = draft(session, self.deposit.owner, APPLICATION, self._key(name))
        opened = self._filed(name)
        if kept is None and not opened.content:
            raise MissingError(
                f"ce dépôt n’a pas de candidature « {name} » : elle a été renommée ou retirée → "
                "revenir à la liste des candidatures"
            )
        return _with(opened, kept)

    def begin(self, typed: str, texts: Mapping[str, str], told: tuple[Finding, ...] = ()) -> Opened:
        """Keep the draft of a new application.

        Parameters
        ----------
        typed
            How it is called: its name is what an address may have of it.

        Raises
        ------
        InputErrors
            When no name can be made of it.
        TakenError
            When another application of the deposit bears it.
        """
        name = checked_name(typed)
        self.check_free(name)
        with self._store.write(self.deposit.owner) as write:
            self._keep(write, Drafted(name, settled(texts), "", told), None)
        return self.find(name)

    def save(self, opened: Opened, table: str, typed: Mapping[str, str], mark: str) -> Opened:
        """Save the boxes of one table of the form; the others stay as they are saved now.

        Parameters
        ----------
        mark
            Of the boxes of the table when the form was made.

        Raises
        ------
        StaleError
            When they were saved since, in another tab: nothing is written; `theirs` is the draft.
        """
        owner = self.deposit.owner
        with self._store.write(owner) as write:
            kept = draft(write.session, owner, APPLICATION, self._key(opened.name))
            now = Drafted(opened.name, opened.filed, opened.source)
            now = now if kept is None else Drafted.of(kept.content)
            own = part_of(known(now.texts), table)
            if mark_of(own) != mark:
                raise StaleError("entre-temps, ce brouillon a été enregistré ailleurs", now, {})
            beside = {key: text for key, text in now.texts.items() if key not in own}
            made = replace(now, texts={**beside, **settled(typed)})
            if made.texts != now.texts:
                self._keep(write, made, None if kept is None else kept.revision)
        return self.find(opened.name)

    def form_of(self, opened: Opened) -> tuple[Form, tuple[Finding, ...]]:
        """Return the form of an application, and what its reading finds."""
        if opened.drafted is None and not opened.filed:
            return read_form(opened.content, opened.path, self.call)
        return read_texts(known(opened.texts), self.call, opened.path)

    def discard(self, opened: Opened) -> None:
        """Throw a draft away."""
        with self._store.write(self.deposit.owner) as write:
            discard_draft(write, self.deposit.owner, APPLICATION, self._key(opened.name))

    def renamed(self, opened: Opened, name: str) -> None:
        """Give the draft of an application another name, if it has one."""
        if opened.drafted is None:
            return
        owner = self.deposit.owner
        with self._store.write(owner) as write:
            discard_draft(write, owner, APPLICATION, self._key(opened.name))
            self._keep(write, replace(opened.drafted, name=name), None)

    def check_free(self, name: str) -> None:
        """Refuse the name of another application of the deposit.

        Raises
        ------
        TakenError
            When one bears it, to the case.
        """
        try:
            taken = self.find(name)
        except MissingError:
            return
        raise TakenError(
            f"une candidature du dépôt s’appelle déjà « {taken.name} » → choisir un autre nom, ou "
            "modifier celle-là"
        )

    def _filed(self, name: str) -> Opened:
        path = self._paths.get(fold_path(path_of(name)), "")
        if not path:
            return Opened(name, path_of(name), b"", {})
        content = self.files[path]
        form, _ = read_form(content, path, self.call)
        return Opened(name_of(path), path, content, settled(texts_of(form)))

    def _keep(self, write: Write, drafted: Drafted, based_on: int | None) -> None:
        owner, key = self.deposit.owner, self._key(drafted.name)
        save_draft(write, owner, APPLICATION, key, drafted.plain(), based_on)

    def _key(self, name: str) -> str:
        # A digest: the audit has the keys of drafts, and a name may be long or personal.
        return part_key(self.deposit.key, sha256(fold_path(name).encode()).hexdigest()[:_SHORT])


def drafts_under_way(store: Store, deposit: Deposit) -> int:
    """Return how many applications of a deposit have a draft, that freezing it leaves out."""
    with store.read() as session:
        return len(drafts_of_parts(session, deposit.owner, APPLICATION, deposit.key))


def _with(opened: Opened, kept: Draft | None) -> Opened:
    if kept is None:
        return opened
    drafted = Drafted.of(kept.content)
    name = opened.name if opened.content else drafted.name
    return replace(opened, name=name, drafted=drafted, saved_at=kept.saved_at)
