"""Time two million rows of the consolidated contracts, from Parquet to hours by unit.

Writes seeded rows in the official tabular columns (holders and modifications repeated, quirks
sprinkled), then reads them in a child process, so that the peak memory is that of the reading
alone. A plain pandas loop does the same on 1 % of the contracts, for the ratio.

Usage: python benchmarks/contracts.py [ROWS]
"""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import polars as pl

from coverage.frames import BUYER_COLUMNS
from coverage.model import Study
from coverage.origins.buyers import buyer_class
from coverage.origins.contracts import contract_contributions
from coverage.origins.labour import labour_share, read_cpv
from coverage.parameters import Parameters
from data.contracts.official import KEPT, READ, read_contracts
from data.contracts.places import Spot, find_place
from data.contracts.reasons import MOST_EUR
from data.reference.territory import load_territory

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.territory import Territory

ROWS = 2_000_000
SEED = 20_230_701
YEAR = 2023
SAMPLE = 100
TARGET_S, TARGET_MB = 20, 2048

_CPV = ("45210000-2", "45316110", "90911200-8", "77310000", "71000000-8", "33600000", "79710000")
_KINDS = {
    "Code postal": "code_postal",
    "Code commune": "commune",
    "CODE DEPARTEMENT": "departement",
    "Code région": "region",
}
_LABELS = ("Commune", "Groupement de communes", "Département", "Établissement hospitalier", "EPIC")
_SOCIAL = ("Clause sociale, Critère social", "Pas de considération sociale")


def contracts_frame(count: int, territory: Territory) -> pl.DataFrame:
    """Return seeded contracts, one row each, in the official tabular columns."""
    rng = np.random.default_rng(SEED)
    kind = rng.choice(list(_KINDS), count, p=[0.6, 0.3, 0.08, 0.02])
    place = np.full(count, "99999", dtype=object)
    for name, niveau in _KINDS.items():
        mask = (kind == name) & ~_some(rng, count, 0.002)
        place[mask] = rng.choice(np.array(sorted(territory.members[niveau])), int(mask.sum()))
    amount = np.round(np.exp(rng.normal(12, 1.5, count)), 2)
    amount[_some(rng, count, 0.002)] = 1e17
    amount[_some(rng, count, 0.002)] = 0
    months = rng.integers(1, 60, count).astype(float)
    months[_some(rng, count, 0.01)] = np.nan
    buyer = rng.integers(0, 30_000, count)
    day = np.datetime64("2019-01-01") + rng.integers(0, 1825, count)
    day[_some(rng, count, 0.001)] = np.datetime64("0222-04-29")
    label = rng.choice(_LABELS, 30_000)[buyer]
    number = pl.int_range(count, eager=True).cast(pl.String)
    return pl.DataFrame(
        {
            "id": pl.select(pl.format("2023-{}", number)).to_series(),
            "acheteur_id": pl.Series(21_000_000_000_000 + buyer * 997).cast(pl.String),
            "nature": pl.repeat("Marché", count, eager=True),
            "objet": pl.select(pl.format("Objet du marché {}", number)).to_series(),
            "montant": amount,
            "codeCPV": rng.choice(_CPV, count),
            "dureeMois": pl.Series(months, nan_to_null=True),
            "dateNotification": pl.Series(day).cast(pl.Date),
            "considerationsSociales": rng.choice(_SOCIAL, count),
            "lieuExecution_code": place.astype(str),
            "lieuExecution_typeCode": kind,
            "acheteur_categorie": label,
            "holders": rng.choice([1, 2, 3], count, p=[0.6, 0.25, 0.15]),
            "versions": rng.choice([1, 2, 3], count, p=[0.3, 0.5, 0.2]),
        }
    )


def _some(rng: np.random.Generator, count: int, share: float) -> NDArray[np.bool_]:
    return rng.random(count) < share


def write(path: Path, rows: int, territory: Territory) -> None:
    """Write about that many rows: 1 to 3 holders and up to 2 modifications a contract."""
    contracts = contracts_frame(rows * 1000 // 2945, territory)
    version, holder = pl.col("modification_id"), pl.col("titulaire_id")
    (
        contracts.with_columns(
            modification_id=pl.int_ranges(0, "versions"), titulaire_id=pl.int_ranges(0, "holders")
        )
        .explode("modification_id")
        .explode("titulaire_id")
        .with_columns(
            uid=pl.concat_str("acheteur_id", "id"),
            montant=(pl.col("montant") * (1 + version / 10)).round(2),
            dateNotification=pl.col("dateNotification") + pl.duration(days=version * 90),
            datePublicationDonnees=pl.col("dateNotification") + pl.duration(days=version * 90 + 30),
            donneesActuelles=version == pl.col("versions") - 1,
            titulaire_id=(holder + 30_000_000_000_000).cast(pl.String),
        )
        .drop("holders", "versions")
        .sample(fraction=1, shuffle=True, seed=SEED)
        .write_parquet(path)
    )


def read(path: Path) -> dict[str, float]:
    """Read the file to hours by unit, and return seconds, memory and figures."""
    territory = load_territory()
    start = time.perf_counter()
    file = read_contracts(path, territory, _frame(BUYER_COLUMNS))
    middle = time.perf_counter()
    brought = contract_contributions(_study(file.contracts), territory)
    hours = np.zeros(len(territory))
    for place, micro in brought.table[["place", "micro"]].itertuples(index=False):
        held = brought.places[place]
        weights = np.array(held.weights) + (not any(held.weights))
        hours[held.units] += micro / 1e6 * weights / weights.sum()
    end = time.perf_counter()
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "read_s": middle - start,
        "hours_s": end - middle,
        "peak_mb": peak_kb / 1024,
        "rows": file.counts[READ],
        "contracts": file.counts[KEPT],
        "hours": float(hours.sum()),
    }


def loop(path: Path, territory: Territory) -> tuple[float, float]:
    """Return the seconds a plain loop over 1 % of the contracts takes, and its hours."""
    table = pl.read_parquet(path)
    some = table.filter(pl.col("uid").hash(SEED) % SAMPLE == 0).to_pandas()
    parameters = Parameters()
    shares = dict(parameters.part_marches_clausables)
    start = time.perf_counter()
    total = 0.0
    for _, rows in some.groupby("uid"):
        last = rows.loc[rows["modification_id"].idxmax()]
        first = rows.loc[rows["modification_id"].idxmin(), "dateNotification"]
        cpv = read_cpv(last["codeCPV"])
        labour = labour_share(cpv, parameters.part_main_oeuvre)
        spot = find_place(last["lieuExecution_typeCode"], last["lieuExecution_code"], territory)
        class_ = buyer_class(last["acheteur_id"], last["acheteur_categorie"], {})
        believed = 0 < last["montant"] <= MOST_EUR and last["dureeMois"] > 0
        if not (believed and labour and class_ and isinstance(spot, Spot)):
            continue
        months = int(last["dureeMois"])
        since = (YEAR - pd.Timestamp(first).year) * 12 - pd.Timestamp(first).month + 1
        elapsed = max(0, min(since + 12, months)) - max(0, min(since, months))
        factor = labour * parameters.taux_effort * shares[class_] / parameters.cout_horaire_eur
        total += last["montant"] * float(factor) * elapsed / months
    return time.perf_counter() - start, total


def _frame(columns: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame({name: [] for name in columns})


def _study(contracts: pl.DataFrame) -> Study:
    nothing = _frame(("row",))
    tables = dict.fromkeys(
        ("structures", "posts", "perimeters", "needs", "exhaustiveness"), nothing
    )
    return Study(
        name="essai", year=YEAR, regions=(), parameters=Parameters(), contracts=contracts, **tables
    )


def main() -> None:
    """Run and print; a child process asked with a file reads it only."""
    argument = sys.argv[1] if len(sys.argv) > 1 else str(ROWS)
    if not argument.isdecimal():
        print(json.dumps(read(Path(argument))))
        return
    territory = load_territory()
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "decp.parquet"
        write(path, int(argument), territory)
        print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
        print(f"file of {path.stat().st_size / 2**20:.0f} MB")
        command = [sys.executable, __file__, str(path)]
        found = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
        seconds, hours = loop(path, territory)
    whole = found["read_s"] + found["hours_s"]
    print(f"{found['rows']:,.0f} rows, {found['contracts']:,.0f} contracts kept")
    print(f"  reading            {found['read_s']:6.2f} s")
    print(f"  hours by unit      {found['hours_s']:6.2f} s")
    print(f"  whole              {whole:6.2f} s (target {TARGET_S} s)")
    print(f"  peak memory        {found['peak_mb']:6.0f} MB (target {TARGET_MB} MB)")
    print(
        f"  hours in {YEAR}     {found['hours']:,.0f} h (the sample says {hours * SAMPLE:,.0f} h)"
    )
    print(f"  pandas loop scaled {seconds * SAMPLE:6.0f} s, ratio {seconds * SAMPLE / whole:.0f}")


if __name__ == "__main__":
    main()
