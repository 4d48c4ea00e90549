"""A deposit, accepted, to what its files say: read as a study, in a process of its own."""

from __future__ import annotations

import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.reference.territory import load_territory
from data.uploads.bounded import UNREADABLE, Bounded, Outcome, ended
from data.uploads.names import fold_path
from data.uploads.reading import read_deposit
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from data.uploads.accept import Accepted
    from geo.territory import Territory

    Progress = Callable[[str, int, int], None]

_REMEDIES = {
    "duree": "déposez une étude plus légère, ou demandez plus de temps à qui tient le serveur",
    "memoire": "allégez les plus gros fichiers, ou demandez plus de mémoire à qui tient le serveur",
    "arretee": "déposez-la de nouveau pour qu’elle soit lue",
    "echouee": "vérifiez le dernier fichier ajouté, allégez les plus gros, ou signalez-le à qui "
    "tient le serveur",
}
_KINDS = [str, int, str, str, str]


@dataclass(frozen=True)
class CheckLimits:
    """Limits of the reading of a deposit.

    Attributes
    ----------
    memory_bytes
        Of addresses: the libraries and a national study take two thousand million.
    """

    seconds: float = 300.0
    memory_bytes: int = 4_000_000_000


@dataclass(frozen=True)
class UploadReport:
    """What was found in a deposit.

    Attributes
    ----------
    faults, warnings
        Sorted by place. A deposit with a fault is not to be kept.
    summary
        What the study holds, by name: plain texts and numbers; empty when there is a fault.
    note
        What this system does not bound of the reading, in French; empty when everything is.
    """

    faults: tuple[Notice, ...]
    warnings: tuple[Notice, ...] = ()
    summary: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""

    def as_data(self) -> dict[str, Any]:
        """Return plain data: lists of `file`, `row`, `column`, `message`, `remedy`."""
        return {
            "faults": [asdict(notice) for notice in self.faults],
            "warnings": [asdict(notice) for notice in self.warnings],
            "summary": dict(self.summary),
            "note": self.note,
        }


def check_upload(
    accepted: Accepted,
    loader: Callable[[], Territory] = load_territory,
    *,
    beside: Mapping[str, bytes] | None = None,
    limits: CheckLimits | None = None,
    on_progress: Progress | None = None,
    on_start: Callable[[Bounded], None] | None = None,
) -> UploadReport:
    """Return what is wrong in a deposit and what it holds; its files leave no trace.

    Parameters
    ----------
    loader
        Gives the territory, in the process of the reading: at the top of a module. The reference
        territory must be in the cache already, as that process builds none.
    beside
        Other files of the study, that those of the deposit replace or join.
    on_start
        Called with the reading before it starts, for another thread to kill it.
    """
    found = accepted.findings
    if found.faults:
        return _report(found.faults, found.warnings)
    limits = limits or CheckLimits()
    files = laid_over(beside or {}, accepted.files)
    with tempfile.TemporaryDirectory(prefix="zones-blanches-depot-") as room:
        folder = Path(room).resolve() / "etude"
        lay_files(files, folder)
        bounded = Bounded(
            read_deposit,
            [str(folder), [loader.__module__, loader.__qualname__]],
            seconds=limits.seconds,
            memory_bytes=limits.memory_bytes,
            on_progress=on_progress or _silent,
        )
        if on_start is not None:
            on_start(bounded)
        outcome = bounded.run()
    return _read(outcome, found.warnings)


def laid_over(beside: Mapping[str, bytes], given: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files of a study with those of a deposit, a file of the same name replaced.

    A file without a byte takes away the one of its name: no deposit may bring an empty file.
    """
    return {path: content for path, content in put_over(beside, given).items() if content}


def put_over(before: Mapping[str, bytes], given: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return files with others put in the place of those of their name, by name.

    Names are the same whatever their case, as for the reader of a study.
    """
    replaced = {fold_path(path) for path in given}
    kept = {path: content for path, content in before.items() if fold_path(path) not in replaced}
    return dict(sorted({**kept, **given}.items()))


def _silent(_phrase: str, _done: int, _total: int) -> None:
    pass


def lay_files(files: Mapping[str, bytes], folder: Path) -> None:
    """Write files in a folder of its own.

    Raises
    ------
    ValueError
        When a name leaves it: names are made plain before they come here.
    """
    folder.mkdir(mode=0o700)
    for name, content in files.items():
        path = folder / name
        if not path.resolve().is_relative_to(folder):
            raise ValueError(f"a file leaves its folder: {name!r}")
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(content)


def _read(outcome: Outcome, warnings: tuple[Notice, ...]) -> UploadReport:
    """Return the report that a reading gives, or what ended it."""
    if outcome.state != "rendue":
        cause = f" ({outcome.cause})" if outcome.cause else ""
        notice = Notice("", 0, "", f"{outcome.message}{cause}", _REMEDIES[outcome.state])
        return _report((notice,), warnings, note=outcome.note)
    try:
        faults = tuple(notice_of(each) for each in outcome.value["faults"])
        told = tuple(notice_of(each) for each in outcome.value["warnings"])
        summary = {str(key): each for key, each in outcome.value["summary"].items()}
    except (TypeError, KeyError, AttributeError):
        return _read(ended("echouee", UNREADABLE), warnings)
    return _report(faults, (*warnings, *told), summary, note=outcome.note)


def notice_of(plain: object) -> Notice:
    """Return a finding from what another process says of it.

    Raises
    ------
    TypeError
        When it is not made as one.
    """
    if not isinstance(plain, list) or [type(each) for each in plain] != _KINDS:
        raise TypeError("no finding")
    return Notice(*plain)


def _report(
    faults: tuple[Notice, ...],
    warnings: tuple[Notice, ...],
    summary: Mapping[str, Any] | None = None,
    *,
    note: str = "",
) -> UploadReport:
    sound = {} if faults or summary is None else summary
    return UploadReport(tuple(sorted(set(faults))), tuple(sorted(set(warnings))), sound, note)
