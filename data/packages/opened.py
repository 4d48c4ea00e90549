"""Packages received: every digest checked before anything is read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import orjson

from data.packages.seal import (
    DIGESTS_FILE,
    DIGITS,
    FACTS_FILE,
    KIND,
    PACKAGE_VERSION,
    STUDY,
    study_name,
)
from data.study.cells import Refusal
from data.study.faults import count, quoted
from data.study.filed_tables import file_bytes
from data.uploads.limits import Budget, Refused, UploadLimits
from data.uploads.zips import list_members, refusal_of, unpack
from geo.errors import InputErrors, Notice

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

SUFFIX = ".zip"

_LIMITS = UploadLimits(upload_bytes=2_000_000_000, members=50_000, unpacked_bytes=8_000_000_000)
_LINE = re.compile(r"([0-9a-f]{64})  ([^\n]+)")
_SEALED_NAME = re.compile(rf".*-([0-9a-f]{{{DIGITS}}})\.zip")
_PLAIN = re.compile(r"(?:[^/\\:\x00-\x1f]+/)*[^/\\:\x00-\x1f]+")
_SHOWN = 5
_ASK_AGAIN = "demandez de nouveau le paquet à la région : rien n’est lu d’un paquet modifié"
_OTHER = "donnez un paquet tel que « zones-blanches paquet » l’a écrit, ou un dossier d’étude"


@dataclass(frozen=True)
class Package:
    """A package whose every file is what its list of digests says.

    Attributes
    ----------
    file
        Name of the archive.
    digest
        SHA-256 of the list of digests.
    facts
        `paquet.json`.
    files
        Path in the package → content.
    """

    file: str
    digest: str
    facts: Mapping[str, Any]
    files: Mapping[str, bytes]

    @property
    def study(self) -> dict[str, bytes]:
        """The files of its study, by path from the study folder."""
        own = {name: content for name, content in self.files.items() if name.startswith(STUDY)}
        return {name.removeprefix(STUDY): content for name, content in own.items()}


def lay_studies(packages: Sequence[Package], folder: Path) -> dict[Path, Package]:
    """Write the study of each package in a folder of its own, named for the study; return these.

    Two studies of one name stand under the digest of their package, which tells them apart.
    """
    laid: dict[Path, Package] = {}
    for package in packages:
        own = folder / package.digest[:DIGITS] / study_name(package.facts)
        for path, content in package.study.items():
            target = own / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        laid[own] = package
    return laid


def open_packages(paths: Sequence[Path]) -> tuple[Package, ...]:
    """Return packages in the order given.

    Raises
    ------
    InputErrors
        With all that is wrong with all of them.
    """
    opened: list[Package] = []
    faults: list[Notice] = []
    for path in paths:
        content, found = file_bytes(path)
        faults += found.faults
        if content is not None:
            made = open_package(path.name, content)
            if isinstance(made, Package):
                opened.append(made)
            else:
                faults += made
    if faults:
        raise InputErrors(faults)
    return tuple(opened)


def open_package(file: str, content: bytes) -> Package | list[Notice]:
    """Return a package, or all that is wrong with it.

    Parameters
    ----------
    file
        Name of the archive, without folders.
    """
    files = _unpacked(content)
    if isinstance(files, Refusal):
        return [Notice(file, 0, "", files.message, files.remedy)]
    wrong = list(_faults(file, files)) if DIGESTS_FILE in files else []
    if wrong:
        return wrong
    facts = _facts(files.get(FACTS_FILE, b"")) if DIGESTS_FILE in files else None
    if facts is None:
        message = "archive qui n’est pas un paquet de cette version du programme"
        return [Notice(file, 0, "", message, _OTHER)]
    return Package(file, sha256(files[DIGESTS_FILE]).hexdigest(), facts, files)


def _unpacked(content: bytes) -> dict[str, bytes] | Refusal:
    budget = Budget(_LIMITS, len(content))
    members = list_members(content, budget)
    if isinstance(members, Refusal):
        return members
    files: dict[str, bytes] = {}
    for member in members:
        refused = refusal_of(member)
        name = member.raw_name.decode("utf-8", errors="replace")
        if refused is None and (not _is_plain(name) or name in files):
            refused = Refusal("nom de fichier impossible dans un paquet", _ASK_AGAIN)
        try:
            files[name] = b"" if refused else unpack(content, member, budget)
        except Refused as error:
            refused = error.refusal
        if refused is not None:
            return Refusal(f"{quoted(name)} : {refused.message}", refused.remedy)
    return files


def _is_plain(name: str) -> bool:
    """Tell whether a path stays inside the folder that it is unpacked in, on any system."""
    return bool(_PLAIN.fullmatch(name)) and not {".", ".."} & set(name.split("/"))


def _facts(content: bytes) -> dict[str, Any] | None:
    try:
        facts = orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(facts, dict):
        return None
    known = facts.get("genre") == KIND and facts.get("version_paquet") == PACKAGE_VERSION
    return facts if known else None


def _faults(file: str, files: Mapping[str, bytes]) -> Iterator[Notice]:
    """Yield what is not as sealed: the list, each file, the name of the archive."""
    listed = files[DIGESTS_FILE]
    lines = [_LINE.fullmatch(line) for line in listed.decode("utf-8", "replace").splitlines()]
    told = {line[2]: line[1] for line in lines if line}
    named = _SEALED_NAME.fullmatch(file)
    if len(told) != len(lines) or not told:
        yield Notice(file, 0, "", f"liste d’empreintes abîmée : {DIGESTS_FILE}", _ASK_AGAIN)
    elif named and not sha256(listed).hexdigest().startswith(named[1]):
        message = f"empreinte différente de celle que dit le nom du paquet ({named[1]})"
        yield Notice(file, 0, "", message, _ASK_AGAIN)
    held = {name: content for name, content in files.items() if name != DIGESTS_FILE}
    changed = sorted(
        name for name in held if name in told and sha256(held[name]).hexdigest() != told[name]
    )
    groups = (
        (changed, "changé depuis que le paquet est figé", "changés depuis que le paquet est figé"),
        (sorted(told.keys() - held.keys()), "absent du paquet", "absents du paquet"),
        (sorted(held.keys() - told.keys()), "ajouté au paquet", "ajoutés au paquet"),
    )
    for names, one, several in groups:
        if names:
            shown = ", ".join(map(quoted, names[:_SHOWN])) + ("…" if len(names) > _SHOWN else "")
            noun = count(len(names), f"fichier {one}", f"fichiers {several}")
            yield Notice(file, 0, "", f"{noun} : {shown}", _ASK_AGAIN)
