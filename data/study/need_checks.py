"""Checks of the tables `besoins` and `exhaustivite`; vectorised, for they are large."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from data.study.checks import row_keys
from data.study.faults import Findings, proposal, quoted
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd

    from data.study.table_reader import TypedTable
    from geo.territory import Territory

_EXAMPLES = 5


def check_needs(needs: TypedTable, territory: Territory, year: int) -> Findings:
    """Report needs filed twice; a row of every year and a row of the study's year collide.

    Parameters
    ----------
    year
        The study's; 0 when unknown.
    """
    believed = needs.frame.loc[needs.usable("commune", "donneur_ordre", "annee")]
    dated = believed.assign(annee=believed["annee"].fillna(year).astype("int64"))
    return _repeats(dated, needs.file) + _overlaps(
        dated[dated["annee"] == year], needs.file, territory
    )


def _repeats(needs: pd.DataFrame, file: str) -> Findings:
    key = row_keys(needs, ["commune", "donneur_ordre", "programme", "source", "annee"])
    rows = needs["row"].to_numpy()
    first_at = np.unique(key, return_index=True)[1]
    first = rows[first_at[key]] if len(key) else rows
    again = first != rows
    cells = needs.loc[again, ["row", "commune", "donneur_ordre", "programme", "source"]]
    return Findings(
        tuple(
            Notice(
                file,
                int(row),
                "commune",
                f"besoin déjà déclaré ligne {earlier} : {_key_text(*cell)}",
                "gardez une seule des deux lignes, ou distinguez leurs sources si elles s’ajoutent",
            )
            for (row, *cell), earlier in zip(
                cells.itertuples(index=False), first[again].tolist(), strict=True
            )
        )
    )


def _key_text(commune: str, buyer: str, programme: str, source: str) -> str:
    parts = [f"commune {quoted(commune)}", f"donneur d’ordre {quoted(buyer)}"]
    if programme:
        parts.append(f"programme {quoted(programme)}")
    parts.append(f"source {quoted(source)}" if source else "source vide")
    return ", ".join(parts) + ", même année ou toutes années"


def _overlaps(needs: pd.DataFrame, file: str, territory: Territory) -> Findings:
    """Warn of hours filed for one class under two codes of one place (75056 and 75101)."""
    members = territory.members["commune"]
    composite = [code for code in needs["commune"].unique() if code not in territory.units.index]
    places = {code: {territory.codes[row] for row in members[code]} for code in composite}
    touched = set(composite).union(*places.values())
    filed = needs[needs["commune"].isin(touched)].drop_duplicates(["commune", "donneur_ordre"])
    classes = defaultdict(set)
    for code, buyer in zip(filed["commune"], filed["donneur_ordre"], strict=True):
        classes[code].add(buyer)
    at_unit = defaultdict(set)
    for code in classes:
        for unit in places.get(code, {code}):
            at_unit[unit].add(code)
    rows = needs.drop_duplicates("commune").set_index("commune")["row"]
    warnings = []
    for code in sorted(places):
        beside = set().union(*(at_unit[unit] for unit in places[code])) - {code}
        twice = sorted(other for other in beside if classes[other] & classes[code])
        if twice:
            shared = sorted(set().union(*(classes[other] & classes[code] for other in twice)))
            warnings.append(_overlap(file, int(rows[code]), code, twice, shared))
    return Findings((), tuple(warnings))


def _overlap(file: str, row: int, code: str, others: list[str], shared: list[str]) -> Notice:
    listed = ", ".join(quoted(other) for other in others[:_EXAMPLES])
    more = ", …" if len(others) > _EXAMPLES else ""
    return Notice(
        file,
        row,
        "commune",
        f"besoins de {', '.join(shared)} déclarés à la fois sous {quoted(code)} et, au même "
        f"endroit, sous {listed}{more} : ils s’ajoutent",
        "vérifiez que les mêmes heures ne sont pas comptées deux fois",
    )


def check_exhaustivity(
    declared: TypedTable,
    needs: TypedTable | None,
    territory: Territory,
    *,
    origins: Collection[str] = (),
) -> Findings:
    """Report départements outside their région, and sources that no need names.

    Parameters
    ----------
    origins
        Sources that bring hours otherwise than by `besoins`.
    """
    return _misplaced(declared, territory) + _unheard_sources(declared, needs, origins)


def _misplaced(declared: TypedTable, territory: Territory) -> Findings:
    both = declared.frame.loc[declared.filled("region", "departement")]
    faults = []
    for row, region, departement in both[["row", "region", "departement"]].itertuples(index=False):
        inside = np.isin(
            territory.members["departement"][departement], territory.members["region"][region]
        )
        if not inside.all():
            message = f"département {quoted(departement)} hors de la région {quoted(region)}"
            remedy = "gardez la région ou le département, ou corrigez l’un des deux"
            faults.append(Notice(declared.file, int(row), "departement", message, remedy))
    return Findings(tuple(faults))


def _unheard_sources(
    declared: TypedTable, needs: TypedTable | None, origins: Collection[str]
) -> Findings:
    known = set(origins) if needs is None else {*origins, *needs.frame["source"]} - {""}
    named = declared.frame.loc[declared.filled("source"), ["row", "source"]]
    return Findings(
        (),
        tuple(
            Notice(
                declared.file,
                int(row),
                "source",
                f"source {quoted(source)} absente de besoins : elle y vaudra zéro partout",
                proposal(source, known) or "vérifiez que l’orthographe est la même dans besoins",
            )
            for row, source in named.itertuples(index=False)
            if source not in known
        ),
    )
