"""Contracts of several files: each once, and nothing lost."""

from __future__ import annotations

from itertools import permutations

import polars as pl
from origins import contract

from coverage.frames import CONTRACTS
from data.contracts.joined import join_contracts
from data.contracts.reasons import Reason


def frame(*rows: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=CONTRACTS)


SAME = {"acheteur_siret": "21590350100017"}
FILES = (
    frame(contract("A", 100, **SAME), contract("B", 200, **SAME)),
    frame(
        contract("A", 150, source="decp.parquet", **SAME),
        contract("A", 300, source="decp.parquet", acheteur_siret="21750001600019"),
        contract("C", 400, source="decp.parquet"),
    ),
    frame(contract("C", 500, source="marches-2.json")),
)


def test_a_contract_found_in_two_files_counts_once_whatever_their_order() -> None:
    results = [join_contracts(files, [])[:2] for files in permutations(FILES)]
    kept, aside = results[0]
    assert all(k.equals(kept) and a.equals(aside) for k, a in results)
    assert sorted(kept["amount_cents"].to_list()) == [15_000, 20_000, 30_000, 40_000, 50_000]
    assert aside.select("contract_id", "reason", "amount_cents").rows() == [
        ("A", Reason.OTHER_FILE.value, 10_000)
    ]
    every = sum(file["amount_cents"].sum() for file in FILES)
    assert kept["amount_cents"].sum() + aside["amount_cents"].sum() == every


def test_the_planner_is_told_once() -> None:
    (notice,) = join_contracts(FILES, [])[2].warnings
    assert "1 marché présent dans un autre fichier" in notice.message
    assert join_contracts(FILES[:1], [])[2].warnings == ()
