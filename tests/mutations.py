"""Sound studies in every form that is read, and one damage to one of their files, from a seed.

What the damaged files plainly say is for `strict_reading` to tell.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import mutations_books as books
import mutations_drawn as drawn
import mutations_text as text
from builders import seeded
from toy import STUDY

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

Files = dict[str, bytes]

_SETTINGS = "etude.toml"
_BOOK = "etude.xlsx"
_MORE_NEEDS = (
    "93066,hopitaux,1234.25,2023,,profil\n75102,prives,7,2023,jop,relevé\n"
    "01033,etat,180000,,,profil\n"
)
_NUMERIC = ("etp", "heures", "annee", "heures_par_etp", "lon", "lat")
_LAST = ("etp", "heures")


@dataclass(frozen=True)
class Damage:
    """A study with one file damaged.

    Attributes
    ----------
    rows
        Lines or features where an error is to be told; empty when it may be told anywhere.
    files
        Of the study; the damaged one may be lost.
    """

    form: str
    kind: str
    file: str
    rows: frozenset[int]
    files: Files


@cache
def _sound(form: str) -> tuple[tuple[str, bytes], ...]:
    tables = {**STUDY, "besoins.csv": STUDY["besoins.csv"] + _MORE_NEEDS}
    settings = {_SETTINGS: tables.pop(_SETTINGS).encode()}
    if form == "xlsx":
        return tuple({**settings, _BOOK: books.sound_workbook()}.items())
    if form == "tableur":
        tables = {name: _french(table) for name, table in tables.items()}
    files = {name: table.encode() for name, table in tables.items()}
    if form in ("csv", "tableur"):
        return tuple({**settings, **files}.items())
    del files["perimetres.csv"]
    return tuple({**settings, **files, **drawn.sound_drawing(form)}.items())


def _french(table: str) -> str:
    """Return a table as a French spreadsheet writes it, the number of most weight last."""
    header, *rows = csv.reader(io.StringIO(table))
    order = sorted(range(len(header)), key=lambda at: header[at] in _LAST)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([header[at] for at in order])
    writer.writerows([_french_cell(header[at], row[at]) for at in order] for row in rows)
    return out.getvalue()


def _french_cell(name: str, cell: str) -> str:
    if name in ("debut", "fin") and cell:
        return "/".join(reversed(cell.split("-")))
    return cell.replace(".", ",") if name in _NUMERIC else cell


def sound(form: str) -> Files:
    """Return a study without fault nor warning."""
    return dict(_sound(form))


def _damage_bytes(form: str, file: str, rng: random.Random) -> Damage:
    files = sound(form)
    how = rng.choice(list(text.BYTES))
    return Damage(form, how, file, frozenset(), {**files, file: text.BYTES[how](files[file], rng)})


def _damage_table(form: str, rng: random.Random) -> Damage:
    files = sound(form)
    what = rng.choice(["bytes", "bytes", "line", "cell", "cell", "cell", "encoding"])
    file = rng.choice(list(files))
    if what == "bytes" or file == _SETTINGS:
        return _damage_bytes(form, file, rng)
    rows = frozenset[int]()
    if what == "line":
        how = rng.choice(text.LINES)
        kind, new = f"line {how}", text.damage_lines(files[file], rng, how)
    elif what == "cell":
        how = rng.choice(list(text.CELLS))
        file = "postes.csv" if how == "date garbled" else file
        new, row = text.damage_cell(files[file], rng, how)
        kind, rows = f"cell {how}", frozenset({row, row + 1} if row > 1 else ())
    else:
        kind, new = "encoding", text.damage_encoding(files[file], rng)
    return Damage(form, kind, file, rows, {**files, file: new})


def _damage_book(form: str, rng: random.Random) -> Damage:
    files = sound(form)
    what = rng.choice(["bytes", "cell", "cell", "cell", "cell", *books.PARTS])
    rows = frozenset[int]()
    if what == "bytes":
        return _damage_bytes(form, _BOOK, rng)
    if what == "cell":
        how = rng.choice(list(books.CELLS))
        new, row = books.damage_cell(files[_BOOK], rng, how)
        kind, rows = (
            f"XML cell {how}",
            frozenset({row} if how in books.OF_A_LINE and row > 1 else ()),
        )
    else:
        kind, new = f"workbook {what}", books.PARTS[what](files[_BOOK], rng)
    return Damage(form, kind, _BOOK, rows, {**files, _BOOK: new})


def _damage_drawing(form: str, rng: random.Random) -> Damage:
    files = sound(form)
    file = rng.choice([name for name in files if name.startswith("perimetres.")])
    what = rng.choice(["bytes", "geometry", "geometry", "document"])
    if what == "geometry":
        how = rng.choice(drawn.GEOMETRY)
        file, new, feature = drawn.damage_geometry(form, files, rng, how)
        return Damage(form, f"geometry {how}", file, frozenset({feature}), {**files, file: new})
    if what == "bytes" or file in ("perimetres.shp", "perimetres.gpkg"):
        return _damage_bytes(form, file, rng)
    if form == "shp":
        kept = {name: content for name, content in files.items() if name != file}
        return Damage(form, "part lost", file, frozenset(), kept)
    change = drawn.damage_document if form == "geojson" else drawn.damage_archive
    changed = {**files, file: change(files[file], rng)}
    return Damage(form, f"{form} document", file, frozenset(), changed)


_DAMAGES: dict[str, Callable[[str, random.Random], Damage]] = {
    "csv": _damage_table,
    "tableur": _damage_table,
    "xlsx": _damage_book,
    "geojson": _damage_drawing,
    "gpkg": _damage_drawing,
    "shp": _damage_drawing,
    "zip": _damage_drawing,
}
FORMS = tuple(_DAMAGES)
_TURNS = (*FORMS, "csv", "tableur", "xlsx")


def damaged(seed: int) -> Damage:
    """Return one damage; tables and workbooks have two turns when a drawing has one."""
    rng = seeded(seed)
    form = _TURNS[seed % len(_TURNS)]
    while True:
        damage = _DAMAGES[form](form, rng)
        if damage.files != sound(form):
            return damage
