"""Which file draws the perimeters: its format told by its first bytes, its parts, its archive."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from coverage.wording import whole
from data.drawings.archives import MAX_BYTES, list_members, read_members
from data.drawings.layer import SAVE_AGAIN, fault
from data.drawings.shapefile import PARTS
from data.study.faults import Findings, quoted
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from zipfile import ZipInfo

_FORMATS = {"geojson": "geojson", "json": "geojson", "gpkg": "gpkg", "shp": "shp", "kml": "kml"}
"""Extension → format."""

_NAMES = {
    "geojson": "un fichier GeoJSON",
    "gpkg": "un GeoPackage",
    "shp": "un Shapefile",
    "kml": "un fichier KML",
    "zip": "une archive zip",
    "": "un fichier d’un format inconnu",
}
_LOG = "-wal"
_MEGABYTE = 1_000_000
_OPENED = (
    "fermez-le dans QGIS, vérifiez que c’est un fichier et vos droits de lecture, puis recommencez"
)


@dataclass(frozen=True)
class Source:
    """One data set to read.

    Attributes
    ----------
    format
        `geojson`, `gpkg` or `shp`.
    parts
        Extension → content; several for a shapefile.
    """

    format: str
    parts: Mapping[str, bytes]


@dataclass(frozen=True)
class Digest:
    """A file of the study folder that was read: its name, its sum, whether it lists features."""

    name: str
    sha256: str
    lists_features: bool


def find_source(path: Path) -> tuple[Source | None, tuple[Digest, ...], Findings]:
    """Return the one data set of a file, the files that were read for it, what is wrong."""
    try:
        parts = _beside(path) if _extension(path.name) == "shp" else {_extension(path.name): path}
        total = sum(part.stat().st_size for part in parts.values())
        if total > MAX_BYTES:
            message = f"{whole(total // _MEGABYTE)} Mo, {whole(MAX_BYTES // _MEGABYTE)} Mo au plus"
            return None, (), fault(path.name, f"fichier de {message}", _LIGHTER)
        contents = {part: each.read_bytes() for part, each in parts.items()}
        waiting = _log_waits(path)
    except OSError:
        return None, (), fault(path.name, "fichier illisible", _OPENED)
    digests = tuple(
        Digest(parts[part].name, sha256(content).hexdigest(), part not in ("prj", "cpg"))
        for part, content in contents.items()
    )
    if waiting:
        message = "GeoPackage encore ouvert : des modifications attendent dans un fichier -wal"
        remedy = "enregistrez les modifications, fermez QGIS, puis recommencez"
        return None, digests, fault(path.name, message, remedy)
    source, findings = _recognised(contents, path.name, path.name)
    if source is not None and source.format == "zip":
        source, findings = _unpacked(source.parts["zip"], path.name)
    return source, digests, findings


_LIGHTER = "dans QGIS, n’exportez que la couche des périmètres, contours simplifiés à 1 m"


def _extension(name: str) -> str:
    return name.rpartition(".")[2].lower()


def _beside(path: Path) -> dict[str, Path]:
    """Return the parts of a shapefile that stand beside it, whatever their case."""
    stem = path.name.rpartition(".")[0].lower()
    found = {each.name.lower(): each for each in sorted(path.parent.iterdir(), reverse=True)}
    beside = {part: found[f"{stem}.{part}"] for part in PARTS if f"{stem}.{part}" in found}
    return {**beside, "shp": path}


def _log_waits(path: Path) -> bool:
    log = path.with_name(path.name + _LOG)
    return _extension(path.name) == "gpkg" and log.exists() and log.stat().st_size > 0


def _recognised(
    contents: Mapping[str, bytes], name: str, file: str
) -> tuple[Source | None, Findings]:
    """Return the data set when its first bytes are those of its extension.

    Parameters
    ----------
    name, file
        The data set's own name, perhaps in an archive, and the file that messages name.
    """
    extension = _extension(name)
    expected = "zip" if extension == "zip" else _FORMATS.get(extension, "")
    found = _sniffed(contents[extension])
    if found == "kml" or expected == "kml":
        message = "fichier KML, que ce programme ne lit pas"
        return None, fault(file, message, SAVE_AGAIN.replace("GeoPackage", "GeoPackage ou GeoJSON"))
    if not contents[extension].strip():
        return None, fault(file, f"{quoted(name)} est vide" if name != file else "fichier vide")
    if not expected or found != expected:
        what = f"l’extension « .{extension} »" if expected else "une extension inconnue"
        message = f"{quoted(name)} a {what}, mais son contenu est {_NAMES[found]}"
        remedy = f"donnez au fichier l’extension de son format, ou {SAVE_AGAIN}"
        return None, fault(file, message, remedy)
    return Source(found, contents), Findings()


def _sniffed(content: bytes) -> str:
    """Return the format that the first bytes tell, empty when unknown."""
    start = content[:1024].removeprefix(b"\xef\xbb\xbf").lstrip()
    if content.startswith(b"SQLite format 3\0"):
        return "gpkg"
    if content.startswith(b"\x00\x00\x27\x0a"):
        return "shp"
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if start.startswith(b"{"):
        return "geojson"
    return "kml" if start.startswith(b"<") and b"<kml" in start else ""


def _unpacked(content: bytes, file: str) -> tuple[Source | None, Findings]:
    members, findings = list_members(content, file)
    if findings.faults:
        return None, findings
    found = [member for member in members if _extension(member.filename) in _FORMATS]
    if len(found) != 1:
        return None, _not_one(found, members, file)
    name = found[0].filename
    parts = {"shp": found[0]} if _extension(name) == "shp" else {_extension(name): found[0]}
    if "shp" in parts:
        parts |= _members_beside(name, members)
    contents, findings = read_members(content, list(parts.values()), file)
    if findings.faults:
        return None, findings
    return _recognised(dict(zip(parts, contents, strict=True)), PurePosixPath(name).name, file)


def _members_beside(name: str, members: Sequence[ZipInfo]) -> dict[str, ZipInfo]:
    stem = name.rpartition(".")[0].lower()
    by_name = {member.filename.lower(): member for member in members}
    wanted = [part for part in PARTS if part != "shp" and f"{stem}.{part}" in by_name]
    return {part: by_name[f"{stem}.{part}"] for part in wanted}


def _not_one(found: Sequence[ZipInfo], members: Sequence[ZipInfo], file: str) -> Findings:
    remedy = "laissez dans l’archive une seule couche : GeoJSON, GeoPackage ou Shapefile"
    if found:
        names = ", ".join(quoted(member.filename) for member in found)
        message = f"archive de {len(found)} couches : {names} ; une seule est attendue"
    else:
        names = ", ".join(quoted(member.filename) for member in members[:5]) or "rien"
        message = f"archive sans couche ; trouvé : {names}"
    return Findings((Notice(file, 0, "", message, remedy),))
