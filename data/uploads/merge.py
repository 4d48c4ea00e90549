"""A deposit taken from the version it followed to a later one: nothing lost, nothing silent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from data.uploads.names import fold_path

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Conflict:
    """A file that the deposit and the later version both changed, each its own way.

    Attributes
    ----------
    path
        Its name in the deposit, or in the version when the deposit removes it.
    theirs, mine
        Its content in the version and in the deposit, None where it is removed.
    """

    path: str
    theirs: bytes | None
    mine: bytes | None


@dataclass(frozen=True)
class Merge:
    """What comes of a deposit over a later version.

    Attributes
    ----------
    files
        Path → content of what nobody has to choose, in the order of paths.
    mine, theirs
        Paths that only the deposit, or only the version, changed, added or removed.
    conflicts
        What someone has to choose, by path.
    """

    files: Mapping[str, bytes]
    mine: tuple[str, ...]
    theirs: tuple[str, ...]
    conflicts: tuple[Conflict, ...]

    def settled(self, keep_mine: Mapping[str, bool]) -> dict[str, bytes]:
        """Return all the files once each conflict is settled.

        Parameters
        ----------
        keep_mine
            Path of each conflict → whether the content is that of the deposit.
        """
        chosen = {
            each.path: each.mine if keep_mine[each.path] else each.theirs for each in self.conflicts
        }
        kept = {path: content for path, content in chosen.items() if content is not None}
        return dict(sorted({**self.files, **kept}.items()))


def merge(
    base: Mapping[str, bytes], theirs: Mapping[str, bytes], mine: Mapping[str, bytes]
) -> Merge:
    """Return what comes of changes made on both sides of a set of files.

    Names are the same whatever their case, as for the reader of a study.

    Parameters
    ----------
    base
        Files of the version that the deposit followed.
    theirs
        Files of the later version.
    mine
        All the files of the deposit, as it would be frozen.
    """
    sides = [{fold_path(path): path for path in files} for files in (base, theirs, mine)]
    files: dict[str, bytes] = {}
    own: list[str] = []
    others: list[str] = []
    conflicts: list[Conflict] = []
    for name in sorted(set().union(*sides)):
        was, their, my = (
            files_of.get(side.get(name, ""))
            for side, files_of in zip(sides, (base, theirs, mine), strict=True)
        )
        path = sides[2].get(name) or sides[1].get(name) or sides[0][name]
        if their not in (was, my) and my != was:
            conflicts.append(Conflict(path, their, my))
            continue
        # Whoever changed it is right; changed by nobody or alike, it is the version's.
        settled, path = (my, path) if their == was != my else (their, sides[1].get(name, path))
        if settled is not None:
            files[path] = settled
        if their != my:
            (own if settled is my else others).append(path)
    return Merge(dict(sorted(files.items())), tuple(own), tuple(others), tuple(conflicts))


def laid_to(beside: Mapping[str, bytes], wanted: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return what is to be laid over some files for them to become others.

    The other way round from `check.laid_over`: a file without a byte takes away the one of its
    name.
    """
    kept = {fold_path(path) for path in wanted}
    changed = {path: each for path, each in wanted.items() if beside.get(path) != each}
    removed = {path: b"" for path in beside if fold_path(path) not in kept}
    return dict(sorted({**changed, **removed}.items()))
