"""A deposit as it comes, to the files of a study: every one sound, or none and why.

Nothing is laid on the disk and no format is parsed here: sizes, names, archives and first bytes
are judged. What the files say is read by `data.uploads.check`, in a process of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from coverage.wording import whole
from data.study.cells import Refusal
from data.study.faults import Findings, count, quoted
from data.study.folder import README_FILE
from data.uploads.kinds import READ, ZIP, extension_of, sniff
from data.uploads.layers import content_refusals
from data.uploads.limits import Budget, Exhausted, Refused, UploadLimits, megabytes
from data.uploads.names import (
    clashes,
    common_top,
    decode_name,
    is_hidden,
    last_name,
    neutral_path,
    shown_name,
)
from data.uploads.zips import Member, list_members, refusal_of, unpack
from data.workbooks.archive import FOREIGN
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

FOLDERS = ("sources", "candidatures", "scenarios")
"""Folders of a study."""

_README = extension_of(README_FILE)
_DRAWN_ELSEWHERE = ("kml", "kmz", "tab", "mif", "dxf", "dwg", "gpx")
_SHOWN = 5
_READ_ARE = (
    "un dépôt est une archive .zip du dossier de l’étude, le classeur etude.xlsx, ou un fichier "
    ".csv, .xlsx, .geojson, .gpkg, .json, .parquet ou .toml"
)
_IN_QGIS = "dans QGIS : Exporter, Sauvegarder les entités sous, format GeoPackage"
_UNREAD = "rien à faire s’il ne sert pas à l’étude"


@dataclass(frozen=True)
class Accepted:
    """What a deposit brings.

    Attributes
    ----------
    files
        Path from the study folder, `/` between names → content, byte for byte, in the order of
        paths; none when there is a fault.
    findings
        Faults and warnings, those about a member naming it.
    """

    files: Mapping[str, bytes]
    findings: Findings


@dataclass(frozen=True)
class _Named:
    """A member and its path, that of a file or of a folder."""

    path: str
    member: Member


def accept(
    name: str, content: bytes, limits: UploadLimits | None = None, *, folder: str = ""
) -> Accepted:
    """Return the files that a deposit brings, or all that is wrong with it.

    Parameters
    ----------
    name
        As the sender gives it; folders before it are forgotten.
    content
        Its bytes: an archive of a study folder, with or without a folder around it, or one file.
    folder
        Of the study, where one file is to stand: one of `FOLDERS`, empty for the study folder. An
        archive then stays one, of a layer or of a public file.

    Raises
    ------
    ValueError
        When `folder` is none of them.
    """
    if folder and folder not in FOLDERS:
        raise ValueError(f"no folder of a study: {folder}")
    limits = limits or UploadLimits()
    path = neutral_path(last_name(name), limits)
    if isinstance(path, Refusal) or not path:
        refusal = path or Refusal("fichier sans nom", _READ_ARE)
        return _refused(shown_name(last_name(name)), [refusal])
    if len(content) > limits.upload_bytes:
        message = f"dépôt de {megabytes(len(content))}, {megabytes(limits.upload_bytes)} au plus"
        remedy = "déposez l’étude en plusieurs fois, ou compressez-la en .zip"
        return _refused(path, [Refusal(message, remedy)])
    if not content:
        return _refused(path, [Refusal("fichier vide", "déposez-le de nouveau")])
    budget = Budget(limits, len(content))
    if extension_of(path) == "zip" and sniff(content) == ZIP and not folder:
        return _archive(path, content, budget)
    accepted = _single(path, content, budget)
    placed = {f"{folder}/{each}": found for each, found in accepted.files.items()}
    return replace(accepted, files=placed) if folder else accepted


def _refused(file: str, refusals: Iterable[Refusal]) -> Accepted:
    faults = tuple(Notice(file, 0, "", *_of(refusal)) for refusal in refusals)
    return Accepted({}, Findings(faults))


def _settled(
    files: Mapping[str, bytes], faults: Sequence[Notice], warnings: Sequence[Notice]
) -> Accepted:
    findings = Findings(tuple(sorted(set(faults))), tuple(sorted(set(warnings))))
    return Accepted({} if faults else dict(sorted(files.items())), findings)


def _single(path: str, content: bytes, budget: Budget) -> Accepted:
    extension = extension_of(path)
    if extension in FOREIGN:
        return _refused(path, [FOREIGN[extension]])
    if extension not in READ or extension == _README or is_hidden(path):
        remedy = _IN_QGIS if extension in _DRAWN_ELSEWHERE else _READ_ARE
        return _refused(path, [Refusal("format qui ne se dépose pas", remedy)])
    try:
        refusals = content_refusals(path, content, budget)
    except Exhausted as exhausted:
        refusals = [exhausted.refusal]
    return _refused(path, refusals) if refusals else Accepted({path: content}, Findings())


def _archive(file: str, content: bytes, budget: Budget) -> Accepted:
    members = list_members(content, budget)
    if isinstance(members, Refusal):
        return _refused(file, [members])
    named, faults = _named(members, budget.limits)
    hidden = [each.path for each in named if is_hidden(each.path)]
    kept = [each for each in named if each.path not in hidden]
    warnings = _hidden_told(file, hidden)
    placed, found = _placed([each for each in kept if not each.member.is_folder], budget.limits)
    faults += found
    files: dict[str, bytes] = {}
    try:
        for each in sorted(placed, key=lambda each: each.path):
            refusals, aside = _taken(content, each, files, budget)
            faults += [Notice(each.path, 0, "", *_of(refusal)) for refusal in refusals]
            warnings += [Notice(each.path, 0, "", *_of(refusal)) for refusal in aside]
    except Exhausted as exhausted:
        faults.append(Notice(file, 0, "", *_of(exhausted.refusal)))
    if not files and not faults:
        faults.append(Notice(file, 0, "", "archive sans aucun fichier d’étude", _READ_ARE))
    return _settled(files, faults, warnings)


def _of(refusal: Refusal) -> tuple[str, str]:
    return refusal.message, refusal.remedy


def _named(members: Iterable[Member], limits: UploadLimits) -> tuple[list[_Named], list[Notice]]:
    """Return the members with a plain path, those refused for their name or their list told."""
    named, faults = [], []
    for member in members:
        name = decode_name(member.raw_name, declared_utf8=member.declared_utf8)
        shown = shown_name(member.raw_name.decode("cp850") if name is None else name)
        path = (
            Refusal("nom abîmé dans l’archive", "renommez ce fichier, puis refaites l’archive")
            if name is None
            else neutral_path(name, limits)
        )
        # What a hidden file is changes nothing: it is not unpacked.
        refusal = path if isinstance(path, Refusal) else refusal_of(member)
        if refusal is not None:
            faults.append(Notice(shown, 0, "", *_of(refusal)))
        elif isinstance(path, str) and path:
            named.append(_Named(path, member))
    return named, faults


def _hidden_told(file: str, hidden: Sequence[str]) -> list[Notice]:
    if not hidden:
        return []
    names = ", ".join(quoted(path) for path in sorted(hidden)[:_SHOWN])
    more = ", …" if len(hidden) > _SHOWN else ""
    one, many = "fichier ou dossier masqué écarté", "fichiers ou dossiers masqués écartés"
    message = f"{count(len(hidden), one, many)} : {names}{more}"
    return [Notice(file, 0, "", message, "rien à faire : le système les ajoute")]


def _placed(named: Sequence[_Named], limits: UploadLimits) -> tuple[list[_Named], list[Notice]]:
    """Return members placed in the study folder, those too deep or taken for others told."""
    top = common_top((each.path for each in named), FOLDERS)
    placed = [_Named(each.path.removeprefix(top), each.member) for each in named]
    taken = clashes(each.path for each in placed)
    kept, faults = [], []
    for each in placed:
        if each.path in taken:
            message = f"même nom, à la casse ou à l’accent près, que {quoted(taken[each.path])}"
            faults.append(Notice(each.path, 0, "", message, "n’en gardez qu’un, ou renommez-le"))
        elif each.path.count("/") >= limits.path_depth:
            message = f"fichier rangé à plus de {whole(limits.path_depth)} niveaux"
            remedy = "rangez-le dans le dossier de l’étude, sources, candidatures ou scenarios"
            faults.append(Notice(each.path, 0, "", message, remedy))
        else:
            kept.append(each)
    return kept, faults


def _taken(
    content: bytes, named: _Named, files: dict[str, bytes], budget: Budget
) -> tuple[list[Refusal], list[Refusal]]:
    """Put the content of a member among the files; return why it is refused, or left aside.

    Raises
    ------
    Exhausted
        When the whole deposit has used what it may.
    """
    extension = extension_of(named.path)
    if extension in FOREIGN:
        return [FOREIGN[extension]], []
    is_readme = named.path.casefold() == README_FILE.casefold()
    if extension not in READ or (extension == _README and not is_readme):
        remedy = _IN_QGIS if extension in _DRAWN_ELSEWHERE else _UNREAD
        return [], [Refusal("fichier d’un format non lu, laissé de côté", remedy)]
    try:
        unpacked = unpack(content, named.member, budget)
        refusals = content_refusals(named.path, unpacked, budget)
    except Exhausted:
        raise
    except Refused as refused:
        refusals = [refused.refusal]
    if not refusals:
        files[named.path] = unpacked
    return refusals, []
