"""The tables `conventions` and `resultats` to the frames of a study, and what is found in them."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import isnan
from typing import TYPE_CHECKING

import numpy as np

from coverage.dossiers.awards.indicators import INDICATOR_NAMES
from coverage.frames import AWARD_COLUMNS, REPORT_COLUMNS
from data.study.award_tables import CONVENTIONS, RESULTATS
from data.study.canonical import canonical_frame
from data.study.checks import check_held, check_unique, check_unique_keys
from data.study.faults import Findings, gather, quoted
from data.study.proposal_reader import amount_cents, check_amounts
from data.study.tables import POSTES
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from data.study.table_reader import TypedTable


def awards_frame(tables: Mapping[str, TypedTable]) -> pd.DataFrame:
    """Return `coverage.model.Study.awards`, of a table without faults."""
    frame = canonical_frame(tables.get(CONVENTIONS.name), CONVENTIONS)
    cents = np.array([amount_cents(euros) for euros in frame["montant_eur"]], dtype=np.int64)
    return frame.assign(cents=cents)[list(AWARD_COLUMNS)]


def reports_frame(tables: Mapping[str, TypedTable]) -> pd.DataFrame:
    """Return `coverage.model.Study.reports`, of a table without faults."""
    frame = canonical_frame(tables.get(RESULTATS.name), RESULTATS)
    exact = {
        name: np.array([*map(_exact, frame[name]), None], dtype=object)[:-1]
        for name in INDICATOR_NAMES
    }
    return frame.assign(**exact)[list(REPORT_COLUMNS)]


def _exact(value: float) -> Fraction | None:
    """Return a number as it was written: the shortest text of a float is that, to 15 digits.

    >>> _exact(18.7), _exact(float("nan"))
    (Fraction(187, 10), None)
    """
    return None if isnan(value) else Fraction(Decimal(repr(value)))


def check_awards(tables: Mapping[str, TypedTable]) -> Findings:
    """Return what several cells or tables tell together."""
    awards, reports = tables.get(CONVENTIONS.name), tables.get(RESULTATS.name)
    posts = tables.get(POSTES.name)
    found = []
    if awards is not None:
        found += [check_unique(awards, "convention_id"), check_amounts(awards)]
        found += [_check_chain(awards), _check_started(awards)]
        if posts is not None:
            found += [_check_named(awards, "poste_id", posts), _check_owned(awards, posts)]
    if reports is not None:
        found.append(check_unique_keys(reports, ("convention_id", "rapport", "date")))
        found.append(_check_reported(reports, awards))
    return gather(found)


def _check_named(table: TypedTable, column: str, owner: TypedTable, own: str = "") -> Findings:
    """Report what a column names and the table that owns these identifiers lacks."""
    own = own or column
    noun = "poste" if own == "poste_id" else "convention"

    def said(name: str) -> str:
        return f"{noun} {quoted(name)} absent{'e' * (noun == 'convention')} de {owner.file}"

    remedy = f"ajoutez cette ligne à {owner.file}, ou corrigez"
    return check_held(table, column, owner, own, said, remedy)


def _check_owned(awards: TypedTable, posts: TypedTable) -> Findings:
    """Report a post of another structure or volet than its convention's."""
    named = posts.frame.loc[posts.filled("poste_id", "structure_id", "volet")]
    owners = {
        post: (structure, volet)
        for post, structure, volet in zip(
            *(named[name] for name in ("poste_id", "structure_id", "volet")), strict=True
        )
    }
    columns = ["row", "poste_id", "structure_id", "volet"]
    filed = awards.frame.loc[awards.filled(*columns[1:]), columns]
    return Findings(
        tuple(
            Notice(
                awards.file,
                int(row),
                "poste_id",
                f"le poste {quoted(post)} est celui d’une autre structure ou d’un autre volet",
                f"corrigez la convention, ou le poste dans {posts.file}",
            )
            for row, post, structure, volet in filed.itertuples(index=False)
            if owners.get(post, (structure, volet)) != (structure, volet)
        )
    )


def _check_reported(reports: TypedTable, awards: TypedTable | None) -> Findings:
    if awards is not None:
        return _check_named(reports, "convention_id", awards)
    rows = reports.frame.loc[reports.filled("convention_id"), "row"]
    if not len(rows):
        return Findings()
    message = "résultats de conventions, sans table « conventions »"
    remedy = "déposez conventions.csv : l’ETP et les dates de chacune s’y lisent"
    return Findings((Notice(reports.file, int(rows.iloc[0]), "convention_id", message, remedy),))


def _check_chain(awards: TypedTable) -> Findings:
    """Report renewals of a convention unknown, of another structure or volet, or in a circle."""
    columns = ["row", "convention_id", "renouvelle", "structure_id", "volet", "debut"]
    filed = awards.frame.loc[awards.filled("convention_id", "renouvelle", "debut"), columns]
    of = dict(zip(filed["convention_id"], filed["renouvelle"], strict=True))
    owners = {
        name: (structure, volet)
        for name, structure, volet in zip(
            *(awards.frame[name] for name in ("convention_id", "structure_id", "volet")),
            strict=True,
        )
    }
    dated = awards.frame.loc[awards.filled("convention_id", "debut")]
    begun = dict(zip(dated["convention_id"], dated["debut"], strict=True))
    taken: dict[str, int] = {}
    faults = []
    for row, name, earlier, structure, volet, debut in filed.itertuples(index=False):
        message, remedy = "", "corrigez la colonne renouvelle"
        if _in_circle(name, of):
            message = f"convention {quoted(name)} qui se renouvelle elle-même"
        elif earlier in taken:
            message = f"convention {quoted(earlier)} déjà renouvelée ligne {taken[earlier]}"
        elif earlier in owners and owners[earlier] != (structure, volet):
            message = (
                f"la convention {quoted(earlier)} est celle d’une autre structure ou d’un autre "
                "volet"
            )
        elif earlier in begun and begun[earlier] >= debut:
            message = f"convention qui commence avant celle qu’elle renouvelle, {quoted(earlier)}"
        taken.setdefault(earlier, int(row))
        if message:
            faults.append(Notice(awards.file, int(row), "renouvelle", message, remedy))
    return Findings(tuple(faults)) + _check_named(awards, "renouvelle", awards, "convention_id")


def _in_circle(name: str, of: Mapping[str, str]) -> bool:
    """Tell whether the conventions that one renews, one after the other, come back to it."""
    at, seen = of.get(name), {name}
    while at is not None and at not in seen:
        seen.add(at)
        at = of.get(at)
    return at == name


def _check_started(awards: TypedTable) -> Findings:
    """Report actions that begin before their convention."""
    dated = awards.frame.loc[awards.filled("debut", "mise_en_oeuvre")]
    return Findings(
        tuple(
            Notice(
                awards.file,
                int(row),
                "mise_en_oeuvre",
                f"action commencée le {started:%d/%m/%Y}, avant la convention du {begun:%d/%m/%Y}",
                "corrigez l’une des deux dates",
            )
            for row, begun, started in dated[["row", "debut", "mise_en_oeuvre"]].itertuples(
                index=False
            )
            if started < begun
        )
    )
