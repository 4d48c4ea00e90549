"""A deposit whose study had another version meanwhile: taken over to it, nothing lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coverage.wording import THIN
from data.store.errors import StaleError
from data.store.studies import version_files
from data.uploads.merge import laid_to, merge
from geo.errors import InputErrors, Notice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.deposits.deposit import Deposit
    from api.register import Register
    from data.store.studies import Version
    from data.uploads.merge import Merge

MINE, THEIRS = "depot", "version"
"""What someone chooses of a file that both sides changed."""


@dataclass(frozen=True)
class Rebase:
    """What comes of a deposit over the last version of its study.

    Attributes
    ----------
    last
        That version.
    theirs
        Its files.
    merged
        What is settled, and what someone has to choose.
    """

    last: Version
    theirs: Mapping[str, bytes]
    merged: Merge


def overtaken_by(register: Register, deposit: Deposit) -> Version | None:
    """Return the last version of a deposit's study, None when the deposit follows it."""
    kept = deposit.kept
    if kept.study is None or kept.frozen is not None:
        return None
    last = register.entry(kept.study.slug).last
    followed = None if kept.based_on is None else kept.based_on.version_id
    return None if last is None or last.version_id == followed else last


def rebase_of(register: Register, deposit: Deposit) -> Rebase | None:
    """Return what comes of a deposit over the last version, None when it follows it already.

    Raises
    ------
    MissingError, DamagedError
        As `data.store.studies.version_files`.
    """
    last = overtaken_by(register, deposit)
    if last is None:
        return None
    brought = deposit.brought
    with register.store.read() as session:
        theirs = version_files(session, last.version_id)
        followed = brought.based_on
        base = {} if followed is None else version_files(session, followed.version_id)
    return Rebase(last, theirs, merge(base, theirs, brought.files))


def rebase(
    register: Register, deposit: Deposit, number: int, seen: int, chosen: Mapping[str, str]
) -> None:
    """Lay a deposit over the last version of its study, each conflict settled as chosen.

    Parameters
    ----------
    number
        Of the version that was shown.
    seen
        `Deposit.revision` that was shown.
    chosen
        Path of each conflict → `MINE` or `THEIRS`.

    Raises
    ------
    StaleError
        When another version was frozen since, or the deposit was amended: nothing changes.
    InputErrors
        With every file that nobody chose.
    """
    found = rebase_of(register, deposit)
    if found is None or found.last.number != number:
        raise StaleError(
            "entre-temps, le dépôt ou l’étude ont changé ; rien n’est enregistré → revenir au "
            "dépôt, puis recommencer",
            found,
            {},
        )
    _check_chosen(found, chosen)
    keep_mine = {each.path: chosen[each.path] == MINE for each in found.merged.conflicts}
    files = found.merged.settled(keep_mine)
    given = files if deposit.kept.whole else laid_to(found.theirs, files)
    deposit.rebase(found.last, given, f"Reprise sur la version {number}{_told(keep_mine)}", seen)


def _check_chosen(found: Rebase, chosen: Mapping[str, str]) -> None:
    remedy = f"garder celui de la version {found.last.number}, ou celui du dépôt"
    faults = [
        Notice(each.path, 0, "", "aucun des deux fichiers n’est choisi", remedy)
        for each in found.merged.conflicts
        if chosen.get(each.path) not in (MINE, THEIRS)
    ]
    if faults:
        raise InputErrors(faults)


def _told(keep_mine: Mapping[str, bool]) -> str:
    """Return what was chosen, for the list of what changed."""
    kept = {True: "gardé du dépôt", False: "pris de la version"}
    told = ", ".join(f"{path} {kept[mine]}" for path, mine in sorted(keep_mine.items()))
    return f"{THIN}: {told}" if told else ""
