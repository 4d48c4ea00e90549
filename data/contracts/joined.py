"""The contracts of several files as one: the same contract found in two of them counts once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from coverage.frames import CONTRACTS, CONTRACTS_ASIDE
from coverage.wording import plural
from data.contracts.reasons import Reason
from data.study.faults import Findings
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Sequence

_KEY = ("acheteur_siret", "contract_id")


def join_contracts(
    contracts: Sequence[pl.DataFrame], aside: Sequence[pl.DataFrame]
) -> tuple[pl.DataFrame, pl.DataFrame, Findings]:
    """Return contracts and those set aside, sorted, whatever the order of the files.

    A buyer and an identifier name one contract. Found in several files, it is taken from the
    first by name; the others are set aside with their amounts. A contract without buyer is
    compared to none.
    """
    every = pl.concat([CONTRACTS.to_frame(), *contracts])
    every = every.sort(every.columns, nulls_last=True)
    named = pl.col("acheteur_siret") != ""
    first = pl.col("source").first().over(_KEY)
    again = every.filter(named & (pl.col("source") != first))
    kept = every.filter(~named | (pl.col("source") == first))
    doubled = again.select(
        "source",
        row=pl.lit(0, dtype=pl.Int64),
        contract_id="contract_id",
        reason=pl.lit(Reason.OTHER_FILE.value),
        found="acheteur_siret",
        amount_cents="amount_cents",
    )
    left = pl.concat([CONTRACTS_ASIDE.to_frame(), *aside, doubled])
    return kept, left.sort(left.columns, nulls_last=True), _told(len(again))


def _told(count: int) -> Findings:
    if not count:
        return Findings()
    message = (
        f"{plural(count, 'marché présent', 'marchés présents')} dans un autre fichier, même "
        "acheteur et même identifiant : comptés une fois"
    )
    remedy = "gardez le fichier le plus récent ; marches_ecartes.csv les liste"
    return Findings((), (Notice("marches", 0, "marche_id", message, remedy),))
