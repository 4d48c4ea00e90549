"""The files of what changed since another study: communes, zones, and their causes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import orjson

from coverage.dossiers.changes.families import FAMILY_TITLES, differing
from coverage.dossiers.changes.words import cause_words, change_sentence
from data.results.provenance import provenance
from data.results.readme import ABOUT_CHANGES, README_FILE, readme_text
from data.results.tables import Table, csv_text, fixed, table_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from coverage.dossiers.changes.changes import Change, Snapshot
    from coverage.model import Coverage

_FIGURES = (
    *("statut", "zone", "besoin_connu", "besoin_h", "besoin_etat_h", "capacite_h"),
    *("taux_reponse", "taux_reponse_etat"),
)
_WHOLE = ("besoin_h", "besoin_etat_h", "capacite_h")
_RATES = ("taux_reponse", "taux_reponse_etat")
_SIDES = ("avant", "apres")


def change_files(
    found: Sequence[Change], before: Coverage, after: Coverage, *, excel: bool = False
) -> dict[str, bytes | str]:
    """Return every file of the changes, by name.

    Parameters
    ----------
    excel
        CSV files as a spreadsheet set to French opens them.
    """
    origin = provenance(after.study, after.territory)
    names = differing(before.study, after.study)
    content = {
        **origin,
        "etude_avant": provenance(before.study, before.territory),
        "differe": {name: FAMILY_TITLES[name] for name in names},
        "communes_par_cause": _counted(found, "commune"),
        "zones_par_cause": _counted(found, "zone"),
    }
    return {
        README_FILE: readme_text(origin, excel=excel, about=ABOUT_CHANGES),
        "changements.csv": csv_text(communes_table(found), excel=excel),
        "changements_zones.csv": csv_text(zones_table(found, after), excel=excel),
        "changements.json": orjson.dumps(
            content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
        ),
    }


def _counted(found: Iterable[Change], kind: str) -> dict[str, int]:
    counts = Counter(cause_words(each) for each in found if each.kind == kind)
    return dict(sorted(counts.items()))


def communes_table(found: Iterable[Change]) -> Table:
    """Return `changements.csv`: a row a commune whose class changed."""
    rows = [
        (each.place_id, each.name, *_cause(each), *_sides(each), change_sentence(each))
        for each in found
        if each.kind == "commune"
    ]
    return _table(("commune", "nom"), (), rows)


def zones_table(found: Iterable[Change], coverage: Coverage) -> Table:
    """Return `changements_zones.csv`: a row a zone that is not the same."""
    codes = coverage.territory.codes
    rows = []
    for each in found:
        if each.kind != "zone":
            continue
        before, after = (set(side.members) if side else set() for side in (each.before, each.after))
        moved = [
            tuple(str(codes[unit]) for unit in sorted(units))
            for units in (after - before, before - after)
        ]
        rows.append((each.place_id, *_cause(each), *_sides(each), *moved, change_sentence(each)))
    return _table(("zone_id",), ("communes_gagnees", "communes_perdues"), rows)


def _table(
    first: tuple[str, ...], moved: tuple[str, ...], rows: Iterable[Sequence[object]]
) -> Table:
    sides = [f"{name}_{side}" for side in _SIDES for name in _FIGURES]
    return table_of(
        (*first, "causes", "cause", *sides, *moved, "phrase"),
        rows,
        whole=[f"{name}_{side}" for side in _SIDES for name in _WHOLE],
        decimal=[f"{name}_{side}" for side in _SIDES for name in _RATES],
    )


def _cause(change: Change) -> tuple[object, ...]:
    return change.causes, cause_words(change)


def _sides(change: Change) -> tuple[object, ...]:
    return (*_figures(change.before), *_figures(change.after))


def _figures(side: Snapshot | None) -> tuple[object, ...]:
    """Return the figures of a place in one study; hours of which nothing is known are empty."""
    if side is None:
        return ("",) * len(_FIGURES)
    unknown = side.known == "aucun"
    return (
        *(side.statut, side.kept, side.known),
        *(None if unknown else hours for hours in (side.need_hours, side.state_need_hours)),
        *(side.capacity_hours, fixed(side.rate, 6), fixed(side.state_rate, 6)),
    )
