"""Consolidated contracts, Parquet and CSV: holders and modifications never count twice."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_contracts import COMMUNE, buyers, land, one, set_aside

from data.contracts import settle
from data.contracts.official import KEPT, MERGED, READ, read_contracts
from data.contracts.reasons import Reason

if TYPE_CHECKING:
    from pathlib import Path

    from data.contracts.official import ContractsFile

Row = dict[str, Any]


def row(**changed: Any) -> Row:  # noqa: ANN401 - a cell of any type
    """Return a sound row, with changes."""
    return {
        "uid": f"{COMMUNE}M1",
        "id": "M1",
        "acheteur_id": COMMUNE,
        "titulaire_id": "1",
        "montant": 1000.0,
        "dureeMois": 12,
        "dateNotification": date(2023, 3, 15),
        "datePublicationDonnees": date(2023, 4, 1),
        "codeCPV": "45210000",
        "lieuExecution_code": "93066",
        "lieuExecution_typeCode": "Code commune",
        "considerationsSociales": "Clause sociale",
        "idAccordCadre": None,
        "nature": "Marché",
        "acheteur_categorie": None,
        "modification_id": 0,
        "donneesActuelles": True,
        **changed,
    }


def read(folder: Path, *rows: Row, **options: Any) -> ContractsFile:  # noqa: ANN401
    """Write rows as Parquet and read them."""
    path = folder / "decp.parquet"
    pl.DataFrame(list(rows), infer_schema_length=None, **options).write_parquet(path)
    return read_contracts(path, land(), buyers())


def test_holders_are_merged_before_amounts_are_summed(tmp_path: Path) -> None:
    file = read(tmp_path, *(row(titulaire_id=str(n)) for n in range(5)))
    assert one(file)["amount_cents"] == 100_000
    assert file.counts == {READ: 5, KEPT: 1, MERGED: 4}
    assert file.merged_cents == 400_000


def test_the_current_data_hold_from_the_day_first_notified(tmp_path: Path) -> None:
    first = row(donneesActuelles=False)
    last = row(modification_id=1, montant=2000.0, dureeMois=24, dateNotification=date(2024, 1, 1))
    for rows in ([first, last], [last, first]):
        contract = one(read(tmp_path, *rows))
        assert (contract["amount_cents"], contract["months"]) == (200_000, 24)
        assert contract["notified"] == date(2023, 3, 15)


def test_without_flag_the_last_modification_holds_and_its_silence_keeps_the_rest(
    tmp_path: Path,
) -> None:
    rows = [
        row(modification_id=n, donneesActuelles=None, montant=amount, dureeMois=months)
        for n, amount, months in ((2, None, 30), (0, 1000.0, 12), (1, 3000.0, None))
    ]
    contract = one(read(tmp_path, *rows))
    assert (contract["amount_cents"], contract["months"]) == (300_000, 30)


@pytest.mark.parametrize(
    ("changed", "name", "value"),
    [
        ({"acheteur_id": int(COMMUNE)}, "acheteur_siret", COMMUNE),
        ({"acheteur_id": float(COMMUNE)}, "acheteur_siret", COMMUNE),
        ({"lieuExecution_code": 93066}, "code", "93066"),
        ({"lieuExecution_code": 1004.0}, "code", "01004"),
        ({"montant": "1 000,00"}, "amount_cents", 100_000),
        ({"montant": 1000}, "amount_cents", 100_000),
        ({"dureeMois": 12.0}, "months", 12),
        ({"codeCPV": 45210000}, "cpv", "45210000"),
        ({"dateNotification": "2023-03-15"}, "notified", date(2023, 3, 15)),
        ({"dateNotification": datetime(2023, 3, 15, 8)}, "notified", date(2023, 3, 15)),  # noqa: DTZ001
        (
            {"dateNotification": datetime(2023, 3, 14, 23, tzinfo=UTC)},
            "notified",
            date(2023, 3, 15),
        ),
        ({"considerationsSociales": ["Critère social", "Clause sociale"]}, "clause", True),
        ({"considerationsSociales": None}, "clause", None),
        ({"modification_id": "0", "donneesActuelles": "true"}, "amount_cents", 100_000),
    ],
)
def test_every_type_of_column_is_read(
    changed: Row, name: str, value: object, tmp_path: Path
) -> None:
    assert one(read(tmp_path, row(**changed)))[name] == value


@pytest.mark.parametrize(
    ("siret", "category", "class_"),
    [
        ("26590001300012", "Établissement hospitalier", "hopitaux"),
        ("20590001300012", "Groupement de communes", "collectivites"),
        ("11000201100044", None, "etat"),
        ("18008901300012", None, "operateurs_etat"),
    ],
)
def test_the_category_of_the_buyer_tells_its_class(
    siret: str, category: str | None, class_: str, tmp_path: Path
) -> None:
    file = read(tmp_path, row(acheteur_id=siret, acheteur_categorie=category))
    assert one(file)["donneur_ordre"] == class_


def test_an_epic_may_be_of_several_classes(tmp_path: Path) -> None:
    epic = row(acheteur_id="39000000000012", acheteur_categorie="EPIC")
    assert set_aside(read(tmp_path, epic))[0] == Reason.CLASS_UNKNOWN.value


def test_a_csv_reads_as_parquet_does(tmp_path: Path) -> None:
    rows = [row(), row(id="M2", dureeMois=None), row(id="M3", montant=1e17)]
    frame = pl.DataFrame(rows, infer_schema_length=None)
    parquet = read(tmp_path, *rows)
    for name, separator, start in (("a.csv", ",", ""), ("b.csv", ";", "\ufeff")):
        text = start + frame.write_csv(separator=separator)
        (tmp_path / name).write_text(text, encoding="utf-8")
        file = read_contracts(tmp_path / name, land(), buyers(), "decp.parquet")
        assert file.contracts.equals(parquet.contracts)
        assert file.aside.drop("found").equals(parquet.aside.drop("found"))
        assert file.counts == parquet.counts


def test_dotted_names_go_and_missing_columns_are_named(tmp_path: Path) -> None:
    frame = pl.DataFrame([row()], infer_schema_length=None)
    dotted = frame.rename(
        {"acheteur_id": "acheteur.id", "lieuExecution_code": "lieuExecution.code"}
    )
    dotted.write_parquet(tmp_path / "a.parquet")
    assert len(read_contracts(tmp_path / "a.parquet", land(), buyers()).contracts) == 1
    frame.drop("montant", "codeCPV").write_parquet(tmp_path / "b.parquet")
    (fault,) = read_contracts(tmp_path / "b.parquet", land(), buyers()).findings.faults
    assert fault.message == "colonnes absentes : « montant », « codeCPV »"
    (tmp_path / "c.parquet").write_bytes(b"PAR1 no")
    (fault,) = read_contracts(tmp_path / "c.parquet", land(), buyers()).findings.faults
    assert "illisible" in fault.message
    (tmp_path / "d.csv").write_text("montant;id\n")
    assert read_contracts(tmp_path / "d.csv", land(), buyers()).findings.faults


def test_only_the_needed_columns_are_required(tmp_path: Path) -> None:
    kept = ("id", "acheteur_id", "montant", "dureeMois", "dateNotification", "codeCPV")
    frame = pl.DataFrame([row()], infer_schema_length=None)
    bare = frame.select(*kept, "lieuExecution_code", "lieuExecution_typeCode")
    bare.write_parquet(tmp_path / "a.parquet")
    contract = one(read_contracts(tmp_path / "a.parquet", land(), buyers()))
    assert (contract["clause"], contract["amount_cents"]) == (None, 100_000)


AMOUNTS = st.sampled_from([1000.0, 2500.55, 700.0, 0.01, 1e10, 0.0, -3.0, 1e17, None])
MONTHS = st.sampled_from([1, 12, 24, 600, 0, 601, None])
PLACES = st.sampled_from(
    [("93066", "Code commune"), ("75000", "Code postal"), ("93", "Code département"), ("0", "?")]
)
DRAWN = st.lists(
    st.builds(
        lambda number, buyer, version, current, amount, months, cpv, place: row(
            id=number,
            acheteur_id=buyer,
            modification_id=version,
            donneesActuelles=current,
            montant=amount,
            dureeMois=months,
            codeCPV=cpv,
            lieuExecution_code=place[0],
            lieuExecution_typeCode=place[1],
        ),
        st.sampled_from(["A", "A", "A", "B", None]),
        st.sampled_from([COMMUNE, COMMUNE, COMMUNE, "26590001300012", "x", None]),
        st.integers(0, 2),
        st.sampled_from([True, False, None]),
        AMOUNTS,
        MONTHS,
        st.sampled_from(["45210000", "45210000", "33600000", "NC"]),
        PLACES,
    ),
    min_size=1,
    max_size=12,
)


def naive(rows: list[Row]) -> set[tuple[str, int, int, date]]:
    """Return (id, cents, months, notified) of the usable contracts, one group after another."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for each in rows:
        if each["id"] and each["acheteur_id"]:
            groups.setdefault((each["acheteur_id"], each["id"]), []).append(each)
    found = set()
    for (buyer, number), group in groups.items():
        ranked = sorted(
            group,
            key=lambda r: (
                bool(r["donneesActuelles"]), r["modification_id"], r["datePublicationDonnees"]
            ),
        )  # fmt: skip
        last = ranked[-1]
        amounts = [r["montant"] for r in ranked if r["montant"] is not None]
        months = [r["dureeMois"] for r in ranked if r["dureeMois"] is not None]
        if not amounts or not months or not buyer.startswith("21"):
            continue
        if 0 < amounts[-1] <= 1e10 and 1 <= months[-1] <= 600 and last["codeCPV"][0] == "4":
            if last["lieuExecution_code"] == "0":
                continue
            same = ranked[0]["modification_id"] == last["modification_id"]
            day = (last if same else ranked[0])["dateNotification"]
            found.add((f"{buyer}{number}", round(amounts[-1] * 100), months[-1], day))
    return found


@settings(max_examples=60, deadline=None)
@given(DRAWN, st.integers(0, 9))
def test_nothing_is_lost_and_the_order_of_rows_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Row], seed: int
) -> None:
    for n, each in enumerate(rows):
        each["datePublicationDonnees"] = date(2023, 1, 1) + timedelta(days=(n * 7) % 13)
        each["dateNotification"] = date(2022, 1, 1) + timedelta(days=n)
    folder = tmp_path_factory.mktemp("decp")
    types = {"montant": pl.Float64, "dureeMois": pl.Int64, "donneesActuelles": pl.Boolean}
    types |= {"id": pl.String, "acheteur_id": pl.String}
    file = read(folder, *rows, schema_overrides=types)
    assert file.counts[READ] == len(rows)
    assert file.counts[READ] == sum(v for name, v in file.counts.items() if name != READ)
    told = file.contracts.select("contract_id", "amount_cents", "months", "notified")
    assert set(told.rows()) == naive(rows)
    amounts = [r["montant"] or 0 for r in rows]
    believed = sum(round(a * 100) for a in amounts if 0 < a <= 1e10)
    kept = file.contracts["amount_cents"].sum() + file.aside["amount_cents"].sum()
    assert believed == kept + file.merged_cents
    shuffled = random.Random(seed).sample(rows, len(rows))  # noqa: S311 - reproducible
    again = read(folder, *shuffled, schema_overrides=types)
    assert again.contracts.equals(file.contracts)
    assert again.aside.drop("row").equals(file.aside.drop("row"))
    assert again.counts == file.counts


def test_rows_sorted_by_lots_are_the_same_contracts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        row(acheteur_id=f"21{n % 7:012d}", id=f"M{n % 11}", modification_id=n % 3, montant=n + 1.0)
        for n in range(200)
    ]
    whole = read(tmp_path, *rows)
    monkeypatch.setattr(settle, "_LOT_ROWS", 10)
    by_lots = read(tmp_path, *rows)
    assert by_lots.contracts.equals(whole.contracts)
    assert (by_lots.counts, by_lots.merged_cents) == (whole.counts, whole.merged_cents)
