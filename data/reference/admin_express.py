"""Files that draw the communes: which layers and columns hold them, in each known edition.

IGN's ADMIN EXPRESS names its layers `COMMUNE` and `ARRONDISSEMENT_MUNICIPAL`, its codes `INSEE_COM`
and `INSEE_ARM` up to 3.2 and `code_insee` from 4.0; geo.api.gouv.fr and Etalab write GeoJSON with
`code`; cartiflette writes GeoParquet whose `INSEE_COG` holds the code of an arrondissement
municipal while `INSEE_COM` holds its city's.
"""

from __future__ import annotations

import re
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import pyogrio
from pyogrio.errors import DataSourceError

from geo.errors import DataUnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

PARQUET = (".parquet", ".geoparquet")
CODE_COLUMNS = ("insee_arm", "insee_cog", "insee_com", "code_insee", "code")
"""Where a code is sought, in this order and whatever the case."""

_DRAWN = (".gpkg", ".shp", ".geojson", ".json")
_SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_LAYER = re.compile(r"communes?|arrondissements?_municipa(l|ux)")
_GENERALISED = re.compile(r"[_-]\d+m$")
_MOST_BYTES = 8_000_000_000
_EXPECTED = (
    "un fichier .gpkg, .shp, .geojson ou .parquet, une archive .zip ou un dossier qui contient les "
    "couches COMMUNE et ARRONDISSEMENT_MUNICIPAL (ADMIN EXPRESS) ou communes et "
    "arrondissements-municipaux (GeoJSON)"
)


@dataclass(frozen=True)
class ContourLayer:
    """One layer to read: a file, and its name inside it where there may be several."""

    path: Path
    name: str | None = None


def contour_layers(path: Path) -> list[ContourLayer]:
    """Return the layers that draw communes in a file or a folder, sorted.

    A file given by itself is read whatever its name, with the arrondissements municipaux that lie
    beside a shapefile of communes; in a folder, names choose.

    Raises
    ------
    DataUnavailableError
        When nothing there draws communes.
    """
    if path.is_dir():
        files = [p for p in sorted(path.rglob("*")) if p.suffix.lower() in (*_DRAWN, *PARQUET)]
        layers = [layer for file in files for layer in _within(file, named=True)]
    elif path.suffix.lower() == ".shp":
        beside = [p for p in sorted(path.parent.glob("*")) if p.suffix.lower() == ".shp"]
        chosen = {path, *(p for p in beside if _draws_arrondissements(p.stem))}
        layers = [ContourLayer(file) for file in sorted(chosen)]
    else:
        layers = list(_within(path, named=False))
    if not layers:
        raise DataUnavailableError(
            f"aucune couche de communes dans « {path} » ; attendu : {_EXPECTED}"
        )
    return layers


def read_files(layers: Sequence[ContourLayer]) -> list[Path]:
    """Return every file that reading the layers opens, sorted: those of a shapefile go together."""
    opened = set()
    for layer in layers:
        if layer.path.suffix.lower() == ".shp":
            beside = layer.path.parent.glob(f"{layer.path.stem}.*")
            opened |= {p for p in beside if p.suffix.lower() in _SHAPEFILE_PARTS}
        else:
            opened.add(layer.path)
    return sorted(opened)


def unpack(archive: Path, folder: Path) -> None:
    """Take the drawn files of a zip archive into `folder`, nothing else.

    Raises
    ------
    DataUnavailableError
        When the archive is spoilt or unpacks beyond reason.
    """
    try:
        with zipfile.ZipFile(archive) as packed:
            members = [member for member in packed.infolist() if _wanted(member)]
            if sum(member.file_size for member in members) > _MOST_BYTES:
                raise DataUnavailableError(f"« {archive.name} » contient plus de 8 Go de contours")
            for member in members:
                target = folder / _flat(member.filename)
                target.parent.mkdir(parents=True, exist_ok=True)
                with packed.open(member) as content, target.open("wb") as file:
                    shutil.copyfileobj(content, file)
    except (OSError, EOFError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise DataUnavailableError(
            f"archive « {archive.name} » illisible ({error}) ; téléchargez-la de nouveau"
        ) from error


def code_column(columns: Iterable[str]) -> str:
    """Return the column that holds the codes, empty when there is none.

    >>> code_column(["ID", "INSEE_ARM", "INSEE_COM"]), code_column(["cleabs", "code_insee"])
    ('INSEE_ARM', 'code_insee')
    """
    folded = {name.lower(): name for name in columns}
    return next((folded[name] for name in CODE_COLUMNS if name in folded), "")


def _within(file: Path, *, named: bool) -> Iterator[ContourLayer]:
    """Yield the layers of a file that draw communes; `named` when its own name must say so."""
    suffix = file.suffix.lower()
    if suffix in PARQUET or suffix in (".geojson", ".json", ".shp"):
        if not named or _draws(file.stem):
            yield ContourLayer(file)
    elif suffix == ".gpkg":
        names = _layer_names(file)
        alone = not named and len(names) == 1
        yield from (ContourLayer(file, name) for name in names if alone or _draws(name))


def _layer_names(file: Path) -> list[str]:
    try:
        return sorted(str(name) for name, _kind in pyogrio.list_layers(file))
    except DataSourceError as error:
        raise DataUnavailableError(
            f"« {file.name} » illisible ({error}) ; téléchargez-le de nouveau"
        ) from error


def _draws(name: str) -> bool:
    return _LAYER.fullmatch(_folded(name)) is not None


def _draws_arrondissements(name: str) -> bool:
    return _draws(name) and _folded(name).startswith("arrondissement")


def _folded(name: str) -> str:
    return _GENERALISED.sub("", name.lower()).replace("-", "_")


def _wanted(member: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(member.filename)
    suffixes = (*_DRAWN, *PARQUET, *_SHAPEFILE_PARTS)
    hidden = path.name.startswith(".") or "__MACOSX" in path.parts
    return not member.is_dir() and not hidden and path.suffix.lower() in suffixes


def _flat(name: str) -> Path:
    """Return where a member goes: its folders kept apart, none of them able to climb out."""
    parts = [
        part for part in PurePosixPath(name.replace("\\", "/")).parts if part not in ("..", "/")
    ]
    return Path("_".join(parts[:-1]).replace(":", "_") or ".") / parts[-1]
