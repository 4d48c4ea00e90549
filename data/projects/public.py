"""Projects that public files give as points: the sites of the Games, the stations of the metro.

Only what places a project is read: no address, no contact. Neither file tells hours, nor when its
works begin and end: the period is that of the programme.
"""

from __future__ import annotations

import re
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import orjson
import pandas as pd
import shapely

from coverage.model import InputFile
from coverage.wording import listing
from data.indicators.public_tables import shown_name
from data.projects.frames import make_frame
from data.study.csv_files import read_csv
from data.study.faults import Findings, count, quoted
from data.study.sources_tables import PROJETS
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import geopandas as gpd

GAMES = (date(2018, 3, 26), date(2024, 9, 8))
"""From the law of the Games (n° 2018-202) to the end of the Paralympic ones."""

METRO = (date(2016, 6, 1), date(2031, 12, 31))
"""From the first works of line 15 South to the last opening announced."""

LINE_14 = (date(2016, 6, 1), date(2024, 6, 24))
"""Line 14 opened to Saint-Denis and to Orly on 24 June 2024."""

JOP_COLUMNS = ("code_site", "nom_site", "category_id", "latitude", "longitude", "point_geo")
"""Columns by which the table of the sites is told, and that are needed; the dates may lack."""

GPE_COLUMNS = ("code", "libelle", "ligne")
"""Attributes by which the file of the stations is told."""

_GAMES_DAYS = {
    "venue-olympic": ("2024-07-24", "2024-08-11"),
    "venue-paralympic": ("2024-08-28", "2024-09-08"),
}
_NUMBER = re.compile(r"-?[0-9]{1,3}(?:[.,][0-9]+)?")
_PUBLISHER = "reprenez le fichier chez son producteur"
_CHECK = "vérifiez ces lignes ; le fichier est lu tel que publié"
_PERIOD = "rien à faire ; pour d’autres dates, faites-en un fichier « grands_projets »"
_NAMED = 5
_LINE = re.compile(r"L([0-9]{1,2})")


class _Point(NamedTuple):
    """One project as a public file gives it; `row` is its line or its feature."""

    row: int
    projet_id: str
    nom: str
    lon: float
    lat: float
    period: tuple[date, date]


def read_jop(
    path: Path,
) -> tuple[gpd.GeoDataFrame | None, InputFile | None, Findings]:
    """Return the sites of the Paris 2024 Games, one project a site.

    The public table has a line for each site and each of the Olympic and Paralympic Games, commas
    and points mixed in its coordinates, and a `point_geo` that puts the latitude first.

    Returns
    -------
    GeoDataFrame, InputFile, Findings
        Columns `PROJECT_COLUMNS`, `row` the first line of the site; None when it cannot be read.
    """
    content, findings = _content(path)
    if content is None:
        return None, None, findings
    name = shown_name(path)
    text, found = read_csv(content, name)
    findings += found
    cells = pd.DataFrame() if text is None else text.cells
    missing = [name for name in JOP_COLUMNS if name not in cells.columns]
    if missing:
        return None, None, findings + _lacking(name, missing, list(cells.columns))
    entry = InputFile(name, len(cells), sha256(content).hexdigest())
    sites, found = _sites(cells, name)
    frame = _frame(sites, name, "jop", "sites des Jeux de Paris 2024 (data.paris2024.org)")
    return frame, entry, findings + found


def _sites(cells: pd.DataFrame, file: str) -> tuple[list[_Point], Findings]:
    sites: dict[str, _Point] = {}
    faults, mixed, moved, outside = [], [], [], []
    for row, cell in zip(cells.index.tolist(), cells.to_dict("records"), strict=True):
        texts = {name: cell[name].strip() for name in JOP_COLUMNS}
        lonlat = _lonlat(texts)
        if lonlat is None or not texts["code_site"]:
            message = f"site {quoted(texts['code_site'])} sans position lisible"
            faults.append(Notice(file, row, "latitude", message, _PUBLISHER))
            continue
        commas = ["," in texts[name] for name in ("latitude", "longitude")]
        mixed += [row] * (commas[0] != commas[1])
        site = _Point(row, f"jop-{texts['code_site']}", texts["nom_site"], *lonlat, GAMES)
        first = sites.setdefault(site.projet_id, site)
        moved += [row] * ((first.lon, first.lat) != lonlat)
        outside += [texts["code_site"]] * _outside_the_games(texts["category_id"], cell)
    told = [
        (len(cells) > len(sites), f"{count(len(cells), 'ligne')} pour {count(len(sites), 'site')} "
         "(une par site et par type de Jeux) : un projet par site", ""),
        (bool(mixed), f"{count(len(mixed), 'ligne')} où latitude et longitude n’ont pas le même "
         f"séparateur décimal : {_rows(mixed)}", "latitude"),
        (bool(moved), f"{count(len(moved), 'ligne')} où un site déjà lu est placé ailleurs : "
         f"{_rows(moved)} ; la première position est gardée", "latitude"),
        (bool(outside), f"{count(len(outside), 'ligne')} dont les dates ne sont pas celles des "
         f"Jeux annoncés : {_names(outside)} ; dates non employées", "start_date"),
    ]  # fmt: skip
    notices = [Notice(file, 0, column, text, _CHECK) for true, text, column in told if true]
    message = f"période de tous les sites : {_between(GAMES)} (loi des Jeux, fin des Jeux)"
    notices.append(Notice(file, 0, "", message, _PERIOD))
    return list(sites.values()), Findings(tuple(faults), tuple(notices))


def _lonlat(texts: dict[str, str]) -> tuple[float, float] | None:
    """Return a position from its two cells, else from the pair that puts the latitude first."""
    pair = [texts["latitude"], texts["longitude"]]
    if not all(map(_NUMBER.fullmatch, pair)):
        pair = [part.strip() for part in texts["point_geo"].split(", ")]
    if len(pair) != 2 or not all(map(_NUMBER.fullmatch, pair)):  # noqa: PLR2004 - a pair
        return None
    lat, lon = (float(each.replace(",", ".")) for each in pair)
    return lon, lat


def _outside_the_games(category: str, cell: dict[Any, str]) -> bool:
    first, last = _GAMES_DAYS.get(category, ("", ""))
    start, end = cell.get("start_date", "").strip(), cell.get("end_date", "").strip()
    return bool(start and end and first) and not first <= start <= end <= last


def read_gpe(
    path: Path,
) -> tuple[gpd.GeoDataFrame | None, InputFile | None, Findings]:
    """Return the stations of the Grand Paris Express, one project a station.

    Labels of lines are cut at the bar, in whatever order they stand (« L15/L14 »).

    Returns
    -------
    GeoDataFrame, InputFile, Findings
        Columns `PROJECT_COLUMNS`, `row` the number of the feature; None when it cannot be read.
    """
    content, findings = _content(path)
    if content is None:
        return None, None, findings
    file = shown_name(path)
    features = _features(content)
    if not features:
        message = "ce n’est pas une couche GeoJSON de points"
        return None, None, findings + Findings((Notice(file, 0, "", message, _PUBLISHER),))
    names = {name for each in features for name in each.get("properties") or {}}
    missing = [name for name in GPE_COLUMNS if name not in names]
    if missing:
        return None, None, findings + _lacking(file, missing, sorted(names))
    entry = InputFile(file, len(features), sha256(content).hexdigest())
    stations, found = _stations(features, file)
    source = "gares du Grand Paris Express (data.smartidf.services)"
    return _frame(stations, file, "grand_paris_express", source), entry, findings + found


def _features(content: bytes) -> list[dict[str, Any]]:
    try:
        document = orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        return []
    features = document.get("features") if isinstance(document, dict) else None
    whole = isinstance(features, list) and all(isinstance(each, dict) for each in features)
    return features if whole and features is not None else []


def _stations(features: Sequence[dict[str, Any]], file: str) -> tuple[list[_Point], Findings]:
    stations: dict[str, _Point] = {}
    faults, several, disordered = [], 0, []
    for row, feature in enumerate(features, start=1):
        told = {name: str((feature["properties"] or {}).get(name) or "") for name in GPE_COLUMNS}
        lines = [int(number) for number in _LINE.findall(told["ligne"])]
        lonlat = _point(feature.get("geometry"))
        if lonlat is None or not lines or not told["code"] or told["code"] in stations:
            message = f"gare {quoted(told['code'])} sans position, sans ligne ou déjà lue"
            faults.append(Notice(file, row, "code", message, _PUBLISHER))
            continue
        several += len(lines) > 1
        disordered += [told["ligne"]] * (lines != sorted(lines))
        ordered = [str(line) for line in sorted(lines)]
        noun = "ligne" if len(lines) == 1 else "lignes"
        nom = f"{told['libelle']} ({noun} {listing(ordered)})"
        period = LINE_14 if lines == [14] else METRO
        stations[told["code"]] = _Point(row, f"gpe-{told['code']}", nom, *lonlat, period)
    notices = [
        Notice(
            file,
            0,
            "",
            f"aucune date dans le fichier : {_between(METRO)} pour toutes les gares, "
            f"{_between(LINE_14)} pour celles de la seule ligne 14",
            _PERIOD,
        )
    ]
    if several:
        message = f"{count(several, 'gare')} de plusieurs lignes, lues dans « ligne » à la barre"
        message += f" ; ordre inverse : {_names(disordered)}" if disordered else ""
        notices.append(Notice(file, 0, "ligne", message, _CHECK))
    return list(stations.values()), Findings(tuple(faults), tuple(notices))


def _point(geometry: Any) -> tuple[float, float] | None:  # noqa: ANN401 - JSON
    given = isinstance(geometry, dict) and geometry.get("type") == "Point"
    position = geometry.get("coordinates") if given else None
    if not isinstance(position, list) or set(map(type, position)) - {int, float}:
        return None
    return (float(position[0]), float(position[1])) if len(position) > 1 else None


def _content(path: Path) -> tuple[bytes | None, Findings]:
    try:
        return path.read_bytes(), Findings()
    except OSError:
        message, remedy = "fichier illisible", "vérifiez que c’est un fichier, et vos droits"
        return None, Findings((Notice(shown_name(path), 0, "", message, remedy),))


def _lacking(file: str, missing: Sequence[str], names: Sequence[str]) -> Findings:
    found = ", ".join(names) or "rien"
    message = f"colonnes absentes : {', '.join(missing)} ; trouvé : {quoted(found)}"
    remedy = f"{_PUBLISHER} ; s’il a renommé ses colonnes, remettez les anciens noms"
    return Findings((Notice(file, 0, "", message, remedy),))


def _frame(points: Sequence[_Point], file: str, programme: str, source: str) -> gpd.GeoDataFrame:
    numbers = [column.name for column in PROJETS.columns if column.kind == "decimal"]
    table = pd.DataFrame(
        {
            "row": [point.row for point in points],
            "projet_id": [point.projet_id for point in points],
            "nom": [point.nom for point in points],
            "programme": programme,
            "debut": [point.period[0] for point in points],
            "fin": [point.period[1] for point in points],
            "donneur_ordre": "",
            "source": source,
            "fiabilite": "certain",
            **dict.fromkeys(numbers, np.nan),
        },
        index=range(len(points)),
    )
    shapes = shapely.points([point.lon for point in points], [point.lat for point in points])
    return make_frame(table, file=file, shapes=shapes, communes=[()] * len(points))


def _between(period: tuple[date, date]) -> str:
    return f"du {period[0]:%d/%m/%Y} au {period[1]:%d/%m/%Y}"


def _rows(rows: Sequence[int]) -> str:
    return _names([str(row) for row in rows])


def _names(names: Sequence[str]) -> str:
    distinct = list(dict.fromkeys(names))
    more = [count(len(distinct) - _NAMED, "autre")] if len(distinct) > _NAMED else []
    return listing([*distinct[:_NAMED], *more])
