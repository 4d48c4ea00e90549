"""Files copied as they are: official records, directories, public files; each once."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from data.consolidate.dossiers import slug
from data.consolidate.model import Part, Told
from data.study.faults import quoted
from data.study.folder import PUBLIC_FOLDER
from data.study.sources_tables import MARCHES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from data.consolidate.identities import Names
    from data.consolidate.model import Dossier

_KINDS = {"contracts": MARCHES.name, "directories": "services_etat", "public": PUBLIC_FOLDER}
_OFFICIAL_CSV = "decp"


@dataclass(frozen=True)
class _Bundle:
    """Files that go together: one, or those of a stem in `sources` (a shapefile's parts)."""

    dossier: str
    kind: str
    name: str
    files: Mapping[str, Path]
    digest: str


@dataclass(frozen=True)
class Copies:
    """Files to copy.

    Attributes
    ----------
    files
        Name in the consolidated folder → the file to copy.
    sources
        (Dossier, name) → name in the consolidated folder: completeness may be declared of them.
    """

    files: Mapping[str, Path]
    sources: Names
    part: Part


def copied_files(dossiers: Sequence[Dossier]) -> Copies:
    """Return the files to copy; two of one name that differ both take their dossier's prefix."""
    prefixes = {each.label: each.prefix for each in dossiers}
    by_digest: defaultdict[tuple[str, str], list[_Bundle]] = defaultdict(list)
    for each in dossiers:
        for bundle in _bundles(each):
            by_digest[bundle.kind, bundle.digest].append(bundle)
    once = [holders[0] for holders in by_digest.values()]
    told = [_repeated(holders) for holders in by_digest.values() if len(holders) > 1]
    named: defaultdict[tuple[str, str], list[_Bundle]] = defaultdict(list)
    for bundle in once:
        named[bundle.kind, bundle.name.casefold()].append(bundle)
    tables = [each for each in dossiers if each.rows.get(MARCHES.name)]
    files: dict[str, Path] = {}
    sources: Names = {}
    for (_, name), claimants in named.items():
        # A table of contracts takes the name that an official one may also have.
        clash = len(claimants) > 1 or (name == MARCHES.file and bool(tables))
        for bundle in claimants:
            new = {each: _renamed(each, prefixes[bundle.dossier]) for each in bundle.files}
            files |= {new[each] if clash else each: path for each, path in bundle.files.items()}
            if clash:
                told.append(_told_renamed(bundle, claimants, new))
            final = new.get(bundle.name, bundle.name) if clash else bundle.name
            holders = by_digest[bundle.kind, bundle.digest]
            sources |= {(each.dossier, each.name): final for each in holders}
    return Copies(files, sources, Part(tuple(told)))


def _bundles(dossier: Dossier) -> Iterable[_Bundle]:
    listed = {"contracts": dossier.files.contracts, "directories": dossier.files.directories}
    for kind, paths in listed.items():
        for path in paths:
            yield _bundle(dossier.label, kind, path.name, {path.name: path})
    stems: defaultdict[str, dict[str, Path]] = defaultdict(dict)
    for entry in dossier.files.public:
        inside = [entry] if entry.is_file() else sorted(p for p in entry.rglob("*") if p.is_file())
        for path in inside:
            name = path.relative_to(entry.parent).as_posix()
            stems[entry.name.partition(".")[0]][f"{PUBLIC_FOLDER}/{name}"] = path
    for stem, files in stems.items():
        yield _bundle(dossier.label, "public", f"{PUBLIC_FOLDER}/{stem}", files)


def _bundle(dossier: str, kind: str, name: str, files: Mapping[str, Path]) -> _Bundle:
    digest = sha256()
    for each, path in sorted(files.items()):
        # Copies of one public file under two names are one file.
        ending = each.partition("/")[2].partition(".")[2] if kind == "public" else ""
        digest.update(sha256(path.read_bytes()).digest() + ending.encode())
    return _Bundle(dossier, kind, name, files, digest.hexdigest())


def _renamed(name: str, prefix: str) -> str:
    """Return a name that the reader still knows, with a dossier's prefix after its stem.

    >>> _renamed("decp.2023.json", "11"), _renamed("sources/defm.csv", "11")
    ('decp-11.2023.json', 'sources/defm-11.csv')
    >>> _renamed("marches.csv", "11")
    'decp-marches-11.csv'
    """
    public = f"{PUBLIC_FOLDER}/" if name.startswith(f"{PUBLIC_FOLDER}/") else ""
    stem, dot, end = name.removeprefix(public).partition(".")
    if name.casefold() == MARCHES.file:
        stem = f"{_OFFICIAL_CSV}-{stem}"
    return f"{public}{stem}-{slug(prefix)}{dot}{end}"


def _repeated(holders: Sequence[_Bundle]) -> Told:
    names = sorted({bundle.name for bundle in holders})
    labels = tuple(sorted({bundle.dossier for bundle in holders}))
    found = f"même fichier, octet pour octet : {', '.join(names)}"
    return Told("doublon", _KINDS[holders[0].kind], names[0], labels, found, "gardé une fois")


def _told_renamed(bundle: _Bundle, claimants: Sequence[_Bundle], new: Mapping[str, str]) -> Told:
    others = sorted({each.dossier for each in claimants} - {bundle.dossier})
    found = f"fichier de même nom et d’autre contenu dans {', '.join(others) or 'un autre dossier'}"
    outcome = f"renommé {', '.join(map(quoted, new.values()))}"
    return Told("renommage", _KINDS[bundle.kind], bundle.name, (bundle.dossier,), found, outcome)
