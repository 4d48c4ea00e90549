"""Official *données essentielles de la commande publique*: JSON, Parquet and CSV to contracts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl
from polars.exceptions import PolarsError

from coverage.frames import CONTRACTS, CONTRACTS_ASIDE
from coverage.model import InputFile
from coverage.origins.buyers import known_buyers
from coverage.wording import whole
from data.contracts.fields import typed
from data.contracts.json_file import NotContractsError, read_json
from data.contracts.settle import settle
from data.contracts.tabular import MissingColumnsError, scan
from data.study.faults import Findings, count
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

    from data.contracts.settle import Settled
    from geo.territory import Territory

EXTENSIONS = (".json", ".parquet", ".csv")
"""Files that `read_contracts` reads."""

READ, KEPT, MERGED = "lignes", "marches", "doublons"
"""Names of the counts that are not a reason."""

_SHOWN_REASONS = 5


@dataclass(frozen=True)
class ContractsFile:
    """What one official file holds.

    Attributes
    ----------
    contracts, aside
        Schemas `coverage.frames.CONTRACTS` and `CONTRACTS_ASIDE`.
    counts
        Rows read (`lignes`), contracts (`marches`), rows merged into another of the same contract
        (`doublons`), then rows set aside by reason: the first is the sum of the others.
    merged_cents
        Believed amounts of the merged rows: those of all rows are the sum of theirs, of the
        contracts' and of those set aside.
    """

    contracts: pl.DataFrame
    aside: pl.DataFrame
    inputs: tuple[InputFile, ...]
    findings: Findings
    counts: Mapping[str, int]
    merged_cents: int = 0


def read_contracts(
    path: Path, territory: Territory, buyers: pd.DataFrame, name: str = ""
) -> ContractsFile:
    """Return the contracts of an official file; rows that cannot serve are set aside, none lost.

    Parameters
    ----------
    buyers
        `coverage.model.Study.buyers`.
    name
        How messages name the file; its own name by default.
    """
    shown = name or path.name
    try:
        settled = settle(_rows(path), shown, territory, known_buyers(buyers))
    except (NotContractsError, MissingColumnsError) as error:
        return _refused(shown, str(error), "déposez le fichier tel que publié")
    except OSError:
        return _refused(shown, "fichier illisible", "vérifiez que c’est un fichier, et vos droits")
    except PolarsError:
        return _refused(shown, *_damaged(path))
    counts = _counts(settled)
    return ContractsFile(
        contracts=settled.contracts,
        aside=settled.aside,
        inputs=(InputFile(shown, settled.read, _sha256(path)),),
        findings=Findings((), (*told(shown, counts), *_remarks(shown, settled))),
        counts=counts,
        merged_cents=settled.merged_cents,
    )


def _rows(path: Path) -> pl.DataFrame:
    is_json = path.suffix.lower() == ".json"
    raw = read_json(path.read_bytes()).lazy() if is_json else scan(path)
    return typed(raw, raw.collect_schema()).collect(engine="streaming")


_DAMAGED = {
    ".parquet": "ce n’est pas un fichier Parquet entier",
    ".csv": "ses lignes n’ont pas toutes autant de cellules que les en-têtes",
}


def _damaged(path: Path) -> tuple[str, str]:
    """Say what is wrong with a file that is not what its name says: polars tells it in English."""
    remedy = "téléchargez-le de nouveau"
    if not path.stat().st_size:
        return "fichier vide", remedy
    return f"fichier illisible ({_DAMAGED[path.suffix.lower()]})", remedy


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _refused(name: str, message: str, remedy: str) -> ContractsFile:
    return ContractsFile(
        contracts=CONTRACTS.to_frame(),
        aside=CONTRACTS_ASIDE.to_frame(),
        inputs=(),
        findings=Findings((Notice(name, 0, "", message, remedy),)),
        counts={READ: 0, KEPT: 0, MERGED: 0},
    )


def _counts(settled: Settled) -> dict[str, int]:
    """Return what became of every row.

    Raises
    ------
    RuntimeError
        When a row is lost or counted twice, which would be a defect of this program.
    """
    by_reason = settled.aside.group_by("reason").agg(count=pl.len()).sort("reason")
    counts = {READ: settled.read, KEPT: len(settled.contracts), MERGED: settled.merged}
    counts |= dict(by_reason.iter_rows())
    if 2 * settled.read != sum(counts.values()):
        raise RuntimeError(f"rows lost or counted twice: {counts}")
    return counts


def told(name: str, counts: Mapping[str, int]) -> list[Notice]:
    """Say how many rows bring no hours, and why; or that there is none."""
    if not counts[READ]:
        remedy = "aucun marché n’y est écrit : retirez-le, ou téléchargez-le de nouveau"
        return [Notice(name, 0, "", "fichier vide", remedy)]
    reasons = {why: n for why, n in counts.items() if why not in (READ, KEPT, MERGED)}
    if not reasons:
        return []
    ranked = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    listed = " ; ".join(f"{why} ({whole(n)})" for why, n in ranked[:_SHOWN_REASONS])
    more = " ; …" if len(ranked) > _SHOWN_REASONS else ""
    message = (
        f"{count(sum(reasons.values()), 'marché écarté', 'marchés écartés')} pour "
        f"{count(counts[KEPT], 'marché retenu', 'marchés retenus')} : {listed}{more}"
    )
    return [
        Notice(name, 0, "", message, "leur liste, avec leurs raisons, est dans marches_ecartes.csv")
    ]


def _remarks(name: str, settled: Settled) -> list[Notice]:
    """Say which places were not taken as they stood."""
    return [
        Notice(
            name,
            0,
            "lieuExecution",
            f"{count(number, 'marché', 'marchés')} : {remark}",
            "rien à faire si ces lieux sont justes",
        )
        for remark, number in settled.remarks.iter_rows()
    ]
