"""The tables `financements` and `avis` to the frames of a study, and what is found in them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from coverage.frames import FUNDING_COLUMNS, OPINION_COLUMNS
from coverage.proposals.decisions import EFFECTS
from coverage.proposals.hosts import NEW
from coverage.proposals.substitution import funder_key
from data.study.canonical import canonical_frame
from data.study.checks import row_keys
from data.study.faults import Findings, gather, proposal, quoted
from data.study.proposal_tables import AVIS_DEPOSES, FINANCEMENTS
from data.study.tables import POSTES, STRUCTURES
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from data.study.table_reader import TypedTable

_CENTS = 100
_TARGETS = ("structure_id", "zone_id", "option_id")
_SAID_ON = (*_TARGETS, "volet", "instance", "date")


def funding_frame(tables: Mapping[str, TypedTable]) -> pd.DataFrame:
    """Return `coverage.model.Study.funding`, of a table without faults."""
    frame = canonical_frame(tables.get(FINANCEMENTS.name), FINANCEMENTS)
    cents = np.array([amount_cents(euros) for euros in frame["montant_eur"]], dtype=np.int64)
    frame = frame.assign(annee=frame["annee"].astype("int64"), cents=cents)
    return frame[list(FUNDING_COLUMNS)]


def opinions_frame(tables: Mapping[str, TypedTable]) -> pd.DataFrame:
    """Return `coverage.model.Study.opinions`, of a table without faults."""
    frame = canonical_frame(tables.get(AVIS_DEPOSES.name), AVIS_DEPOSES)
    return frame[list(OPINION_COLUMNS)]


def check_proposals(tables: Mapping[str, TypedTable]) -> Findings:
    """Return what several cells or tables tell together."""
    funding, opinions = tables.get(FINANCEMENTS.name), tables.get(AVIS_DEPOSES.name)
    posts, structures = tables.get(POSTES.name), tables.get(STRUCTURES.name)
    found = []
    if funding is not None:
        found += [check_amounts(funding), _check_repeated(funding)]
        found += [] if posts is None else [_check_posts(funding, posts)]
    if opinions is not None:
        found += [_check_targets(opinions), _check_reasons(opinions), _check_agreement(opinions)]
        found += [] if structures is None else [_check_named(opinions, structures)]
    return gather(found)


def amount_cents(euros: float) -> int | None:
    """Return an amount in cents, None when it has more than two decimals.

    The shortest text of a float is the number as written, up to 15 digits.

    >>> amount_cents(13400.55), amount_cents(0.005)
    (1340055, None)
    """
    cents = Decimal(repr(euros)) * _CENTS
    return int(cents) if cents == cents.to_integral_value() else None


def check_amounts(funding: TypedTable) -> Findings:
    """Report amounts (`montant_eur`) with more than two decimals."""
    filed = funding.frame.loc[funding.filled("montant_eur"), ["row", "montant_eur"]]
    return Findings(
        tuple(
            Notice(
                funding.file,
                int(row),
                "montant_eur",
                "montant qui n’est pas au centime près",
                "écrivez deux décimales au plus",
            )
            for row, euros in filed.itertuples(index=False)
            if amount_cents(euros) is None
        )
    )


def _check_repeated(funding: TypedTable) -> Findings:
    """Report two amounts of a funder for a post and a year; case and spaces tell none apart."""
    columns = ["poste_id", "financeur", "type", "annee"]
    filed = funding.frame.loc[funding.filled(*columns), ["row", *columns]]
    filed = filed.assign(financeur=filed["financeur"].map(funder_key))
    first = filed.drop_duplicates(columns).set_index(columns)["row"].to_dict()
    again = filed[filed.duplicated(columns)]
    return Findings(
        tuple(
            Notice(
                funding.file,
                int(row),
                "poste_id",
                f"montant du même financeur, du même type et de la même année que ligne "
                f"{first[tuple(key)]}, pour le poste {quoted(key[0])}",
                "additionnez les deux montants sur une ligne, ou donnez à chaque financeur son nom",
            )
            for row, *key in again.itertuples(index=False)
        )
    )


def _check_posts(funding: TypedTable, posts: TypedTable) -> Findings:
    known = set(posts.frame.loc[posts.filled("poste_id"), "poste_id"])
    filed = funding.frame.loc[funding.filled("poste_id"), ["row", "poste_id"]]
    lost = filed[~filed["poste_id"].isin(known)]
    remedies = {
        name: proposal(name, known)
        or f"donnez cet identifiant au poste dans {posts.file}, ou corrigez-le"
        for name in lost["poste_id"].unique()
    }
    return Findings(
        tuple(
            Notice(
                funding.file,
                int(row),
                "poste_id",
                f"poste {quoted(name)} absent de {posts.file}",
                remedies[name],
            )
            for row, name in lost.itertuples(index=False)
        )
    )


def _check_targets(opinions: TypedTable) -> Findings:
    none = opinions.usable(*_TARGETS) & opinions.empty[list(_TARGETS)].all(axis=1).to_numpy()
    return Findings(
        tuple(
            Notice(
                opinions.file,
                int(row),
                "structure_id",
                "avis sur rien : ni structure, ni zone, ni option",
                "remplissez au moins une des colonnes structure_id, zone_id et option_id",
            )
            for row in opinions.frame.loc[none, "row"]
        )
    )


def _check_reasons(opinions: TypedTable) -> Findings:
    bare = opinions.frame.loc[
        opinions.filled("avis")
        & opinions.frame["avis"].isin(EFFECTS).to_numpy()
        & opinions.usable("motif")
        & opinions.empty["motif"].to_numpy(),
        ["row", "avis"],
    ]
    return Findings(
        tuple(
            Notice(
                opinions.file,
                int(row),
                "motif",
                f"décision {quoted(avis)} sans motif",
                "écrivez la raison : elle est reprise dans les résultats",
            )
            for row, avis in bare.itertuples(index=False)
        )
    )


def _check_agreement(opinions: TypedTable) -> Findings:
    """Report two different opinions of one instance, on one day, on the same thing."""
    believed = opinions.frame.loc[
        opinions.usable(*_TARGETS, "volet") & opinions.filled("instance", "date", "avis")
    ]
    keys = row_keys(believed, list(_SAID_ON))
    first: dict[int, tuple[int, str]] = {}
    faults = []
    for key, row, avis in zip(keys.tolist(), believed["row"], believed["avis"], strict=True):
        earlier, other = first.setdefault(key, (int(row), avis))
        if other != avis:
            message = (
                f"avis {quoted(avis)} contraire à l’avis {quoted(other)} de la ligne {earlier} : "
                "même instance, même date, même objet"
            )
            remedy = "gardez celui qui vaut, ou donnez au plus récent sa date"
            faults.append(Notice(opinions.file, int(row), "avis", message, remedy))
    return Findings(tuple(faults))


def _check_named(opinions: TypedTable, structures: TypedTable) -> Findings:
    """Warn of structures that nothing else names: an application may still bring them."""
    known = set(structures.frame.loc[structures.filled("structure_id"), "structure_id"])
    filed = opinions.frame.loc[opinions.filled("structure_id"), ["row", "structure_id"]]
    return Findings(
        (),
        tuple(
            Notice(
                opinions.file,
                int(row),
                "structure_id",
                f"avis gardé sur la structure {quoted(name)}, absente de {structures.file}",
                proposal(name, known) or "vérifiez l’identifiant, ou ajoutez la structure",
            )
            for row, name in filed.itertuples(index=False)
            if name not in known and not name.startswith(NEW)
        ),
    )
