"""Official contracts in JSON: each trap of real files, one by one."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from toy import toy_territory

from coverage.frames import BUYER_COLUMNS, CONTRACTS, CONTRACTS_ASIDE
from data.contracts.official import KEPT, MERGED, READ, ContractsFile, read_contracts
from data.contracts.reasons import Reason
from data.reference.territory import load_territory

if TYPE_CHECKING:
    from geo.territory import Territory

SHARED = Path(__file__).parents[2] / "shared/data/decp"
COMMUNE = "21750001600019"
Record = dict[str, Any]


def land() -> Territory:
    """The toy territory with postal codes: one of two communes, one of Ajaccio."""
    toy = toy_territory()
    rows = {code: np.array([row], dtype=np.int32) for row, code in enumerate(toy.codes)}
    postal = {
        "01500": np.concatenate([rows["01004"], rows["01033"]]),
        "20000": rows["2A004"],
        "93200": rows["93066"],
    }
    return replace(toy, members={**toy.members, "code_postal": postal})


def buyers(**categories: str) -> pd.DataFrame:
    """Return a table of buyers: SIREN after an underscore → legal category, or class."""
    rows = [
        (n, name[1:], value, "") if value.isdecimal() else (n, name[1:], "", value)
        for n, (name, value) in enumerate(categories.items(), start=2)
    ]
    return pd.DataFrame(rows, columns=list(BUYER_COLUMNS))


def place(code: str, kind: str, *, flat: bool = False) -> Record:
    """Return the fields of a place, in an object or flat."""
    if flat:
        return {
            "lieuExecution": None,
            "lieuExecution.code": code,
            "lieuExecution.typeCode": kind,
        }
    return {"lieuExecution": {"code": code, "typeCode": kind}}


def record(**changed: Any) -> Record:  # noqa: ANN401 - as JSON
    """Return a sound contract of the 2022 schema, with changes; None takes a field away."""
    sound = {
        "id": "M1",
        "acheteur": {"id": COMMUNE},
        "nature": "Marché",
        "objet": "École",
        "codeCPV": "45210000-2",
        "lieuExecution": {"code": "93066", "typeCode": "Code commune"},
        "dureeMois": 12,
        "dateNotification": "2023-03-15",
        "datePublicationDonnees": "2023-04-01",
        "montant": 100_000.5,
        "titulaires": [{"titulaire": {"typeIdentifiant": "SIRET", "id": "1"}}],
        "considerationsSociales": {"considerationSociale": ["Pas de considération sociale"]},
    }
    return {name: value for name, value in (sound | changed).items() if value is not None}


def read_records(
    folder: Path, *records: object, table: pd.DataFrame | None = None, old: bool = False
) -> ContractsFile:
    """Write contracts as JSON, in the 2019 schema or that of 2022, and read them."""
    marches = list(records) if old else {"marche": list(records), "contrat-concession": []}
    return read_bytes(folder, json.dumps({"marches": marches}).encode(), table)


def read_bytes(folder: Path, content: bytes, table: pd.DataFrame | None = None) -> ContractsFile:
    path = folder / "marches.json"
    path.write_bytes(content)
    return read_contracts(path, land(), buyers() if table is None else table)


def one(file: ContractsFile) -> Record:
    """Return the only contract of a file, which sets nothing aside."""
    assert (len(file.contracts), len(file.aside)) == (1, 0), file.aside.to_dicts()
    return file.contracts.row(0, named=True)


def set_aside(file: ContractsFile) -> tuple[str, str, int | None]:
    """Return the reason, the value refused and the amount of the only row set aside."""
    assert (len(file.contracts), len(file.aside)) == (0, 1), file.contracts.to_dicts()
    row = file.aside.row(0, named=True)
    return row["reason"], row["found"], row["amount_cents"]


@pytest.mark.parametrize("old", [False, True])
def test_a_sound_contract_is_read_whole_in_both_schemas(old: bool, tmp_path: Path) -> None:  # noqa: FBT001
    file = read_records(tmp_path, record(), old=old)
    assert one(file) == {
        "contract_id": f"{COMMUNE}M1",
        "source": "marches.json",
        "acheteur_siret": COMMUNE,
        "donneur_ordre": "collectivites",
        "cpv": "45210000",
        "amount_cents": 10_000_050,
        "notified": date(2023, 3, 15),
        "months": 12,
        "niveau": "commune",
        "code": "93066",
        "lon": None,
        "lat": None,
        "labour_ppm": None,
        "effort_ppm": None,
        "programme": "",
        "clause": False,
    }
    assert file.contracts.schema == CONTRACTS
    assert file.aside.schema == CONTRACTS_ASIDE
    assert file.counts == {READ: 1, KEPT: 1, MERGED: 0}
    assert not file.findings.faults
    assert not file.findings.warnings
    assert (file.inputs[0].name, file.inputs[0].rows) == ("marches.json", 1)


@pytest.mark.parametrize(
    ("changed", "reason", "found"),
    [
        ({"dureeMois": "NC"}, Reason.MONTHS_UNREADABLE, "NC"),
        ({"dureeMois": None}, Reason.MONTHS_UNREADABLE, ""),
        ({"dureeMois": 0}, Reason.MONTHS_ABSURD, "0"),
        ({"dureeMois": 9999}, Reason.MONTHS_ABSURD, "9999"),
        ({"montant": 1e17}, Reason.AMOUNT_ABSURD, "1e+17"),
        ({"montant": 0}, Reason.AMOUNT_NULL, "0"),
        ({"montant": -5}, Reason.AMOUNT_NULL, "-5"),
        ({"montant": "selon bordereau"}, Reason.AMOUNT_UNREADABLE, "selon bordereau"),
        ({"montant": None}, Reason.AMOUNT_UNREADABLE, ""),
        ({"dateNotification": "0222-04-29"}, Reason.DATE_ABSURD, "0222-04-29"),
        ({"dateNotification": "2023-13-45"}, Reason.DATE_UNREADABLE, "2023-13-45"),
        ({"dateNotification": None}, Reason.DATE_UNREADABLE, ""),
        ({"codeCPV": "NC"}, Reason.CPV_UNREADABLE, "NC"),
        ({"codeCPV": "99000000"}, Reason.CPV_UNKNOWN, "99000000"),
        ({"codeCPV": "33600000-6"}, Reason.SUPPLIES, "33600000-6"),
        ({"codeCPV": "66510000"}, Reason.NO_HOURS, "66510000"),
        ({"lieuExecution": None}, Reason.PLACE_ABSENT, ""),
        (place("99999", "Code commune"), Reason.PLACE_UNKNOWN, "Code commune 99999"),
        (place("FR10", "Code NUTS"), Reason.PLACE_KIND, "Code NUTS FR10"),
        (place("BE", "Code pays"), Reason.PLACE_ABROAD, "Code pays BE"),
        ({"acheteur": {"id": "NC"}}, Reason.BUYER_UNREADABLE, "NC"),
        ({"acheteur": None}, Reason.BUYER_UNREADABLE, ""),
        ({"acheteur": {"id": "26590001300012"}}, Reason.CLASS_UNKNOWN, "265900013"),
        ({"id": None}, Reason.NO_ID, ""),
        ({"nature": "Délégation de service"}, Reason.CONCESSION, "Délégation de service"),
    ],
)  # fmt: skip
def test_what_cannot_serve_is_set_aside_with_its_reason(
    changed: Record, reason: Reason, found: str, tmp_path: Path
) -> None:
    file = read_records(tmp_path, record(**changed))
    amount = None if "montant" in changed else 10_000_050
    assert set_aside(file) == (reason.value, found, amount)
    assert file.counts == {READ: 1, KEPT: 0, MERGED: 0, reason.value: 1}
    assert file.aside["row"].to_list() == [1]
    assert f"1 marché écarté pour 0 marché retenu : {reason}" in str(file.findings.warnings[0])


@pytest.mark.parametrize(
    ("changed", "name", "value"),
    [
        ({"dateNotification": "2021-09-16+02:00"}, "notified", date(2021, 9, 16)),
        ({"dateNotification": "2021-09-16T23:30:00Z"}, "notified", date(2021, 9, 16)),
        ({"dateNotification": "16/09/2021"}, "notified", date(2021, 9, 16)),
        ({"montant": "100 000,50"}, "amount_cents", 10_000_050),
        ({"montant": "100000.50 €"}, "amount_cents", 10_000_050),
        ({"montant": 1e10}, "amount_cents", 10**12),
        ({"dureeMois": "7"}, "months", 7),
        ({"dureeMois": 6.2}, "months", 7),
        ({"dureeMois": 600}, "months", 600),
        ({"codeCPV": "45316110-9"}, "cpv", "45316110"),
        ({"codeCPV": "71"}, "cpv", "71000000"),
        ({"codeCPV": 90911200}, "cpv", "90911200"),
        ({"acheteur": None, "acheteur.id": COMMUNE}, "acheteur_siret", COMMUNE),
        ({"acheteur": {"id": " 217 500 016 00019 "}}, "acheteur_siret", COMMUNE),
        ({"acheteur": {"id": 21750001600019}}, "acheteur_siret", COMMUNE),
        ({"acheteur": {"id": "217500016"}}, "acheteur_siret", "217500016"),
        (place("2A004", "Code commune", flat=True), "code", "2A004"),
        ({"objet": "a\u0007b"}, "contract_id", f"{COMMUNE}M1"),
        ({"id": "M\u00001"}, "contract_id", f"{COMMUNE}M1"),
    ],
)  # fmt: skip
def test_fields_are_read_however_publishers_spell_them(
    changed: Record, name: str, value: object, tmp_path: Path
) -> None:
    assert one(read_records(tmp_path, record(**changed)))[name] == value


def test_a_siret_that_lost_its_zeros_finds_them_again(tmp_path: Path) -> None:
    table = buyers(_005880034="prives")
    file = read_records(tmp_path, record(acheteur={"id": 588003400018}), table=table)
    assert one(file)["acheteur_siret"] == "00588003400018"


@pytest.mark.parametrize(
    ("social", "clause"),
    [
        ({"considerationSociale": ["Clause sociale", "Critère social"]}, True),
        ({"considerationSociale": "Clause sociale"}, True),
        (["Marché réservé"], True),
        ([{"considerationSociale": "MARCHE RESERVE"}], True),
        ("Clause sociale, Critère social", True),
        ({"considerationSociale": ["Pas de considération sociale"]}, False),
        ({"considerationSociale": ["Critère social"]}, False),
        ("Pas de considération sociale", False),
        ({"considerationSociale": []}, None),
        ("NC", None),
        (None, None),
    ],
)
def test_clauses_are_seen_in_every_shape(
    social: object,
    clause: bool | None,  # noqa: FBT001
    tmp_path: Path,
) -> None:
    assert one(read_records(tmp_path, record(considerationsSociales=social)))["clause"] is clause


def change(day: str, number: int = 1, **fields: Any) -> Record:  # noqa: ANN401 - as JSON
    inner = {"id": number, "dateNotificationModification": day, **fields}
    return {"modification": inner}


def test_the_last_modification_by_date_wins_field_by_field(tmp_path: Path) -> None:
    changes = [
        change("2024-05-01", 1, montant=150_000),
        change("2023-06-01", 4, montant=200_000, dureeMois=36),
        change("2024-06-01", 2, objetModification="avenant"),
        change("2023-09-01", 3, dureeMois=24, montant="NC"),
    ]
    for shuffled in (changes, changes[::-1]):
        contract = one(read_records(tmp_path, record(modifications=shuffled)))
        assert (contract["amount_cents"], contract["months"]) == (15_000_000, 24)
        assert contract["notified"] == date(2023, 3, 15)


def test_a_modification_mends_an_absurd_amount_and_an_unread_duration(tmp_path: Path) -> None:
    mended = record(
        montant=1e17,
        dureeMois="NC",
        modifications=[
            {"dateNotificationModification": "2023-06-01", "montant": 5, "dureeMois": 3},
            {"dateNotificationModification": "2023-07-01", "montant": "nan", "dureeMois": "NC"},
        ],
    )
    contract = one(read_records(tmp_path, mended))
    assert (contract["amount_cents"], contract["months"]) == (500, 3)


def test_holders_and_subcontractors_change_nothing(tmp_path: Path) -> None:
    holder = {"typeIdentifiant": "SIRET", "id": "12345678900022"}
    noisy = record(
        titulaires=[[[{"titulaire": holder}]], holder, holder],
        actesSousTraitance=[{"acteSousTraitance": {"id": 1, "montant": 9e9, "dureeMois": 99}}],
        modificationsActesSousTraitance=[{"modificationActeSousTraitance": {"montant": 8e9}}],
        modifications=[change("2023-05-01", titulaires=[[{"titulaire": "id"}]])],
    )
    assert one(read_records(tmp_path, noisy)) == one(read_records(tmp_path, record()))


def test_the_same_contract_counts_once_and_the_last_published_wins(tmp_path: Path) -> None:
    later = record(montant=50_000, datePublicationDonnees="2023-09-01")
    for records in ([record(), record(), later], [later, record(), record()]):
        file = read_records(tmp_path, *records)
        assert one(file)["amount_cents"] == 5_000_000
        assert file.counts == {READ: 3, KEPT: 1, MERGED: 2}
        assert file.merged_cents == 2 * 10_000_050


def test_a_merged_row_is_named_by_its_first_place(tmp_path: Path) -> None:
    twice = record(montant=0)
    file = read_records(tmp_path, record(id="M0"), twice, twice)
    assert file.aside["row"].to_list() == [2]


def test_an_empty_file_holds_nothing(tmp_path: Path) -> None:
    file = read_records(tmp_path)
    assert file.counts == {READ: 0, KEPT: 0, MERGED: 0}
    assert (file.contracts.schema, file.findings.faults) == (CONTRACTS, ())


def test_the_same_number_at_another_buyer_is_another_contract(tmp_path: Path) -> None:
    other = record(acheteur={"id": "21690123100011"})
    assert len(read_records(tmp_path, record(), other).contracts) == 2


def test_contracts_without_number_never_merge(tmp_path: Path) -> None:
    file = read_records(tmp_path, record(id=None), record(id=None))
    assert file.counts == {READ: 2, KEPT: 0, MERGED: 0, Reason.NO_ID.value: 2}


def test_subsequent_contracts_count_only_without_their_framework(tmp_path: Path) -> None:
    frame = record(id="AC", montant=1_000_000)
    child = record(id="MS", idAccordCadre="AC")
    grandchild = record(id="MSS", idAccordCadre="MS")
    file = read_records(tmp_path, child, grandchild, frame)
    assert file.contracts["contract_id"].to_list() == [f"{COMMUNE}AC"]
    assert file.aside.select("contract_id", "reason", "found").rows() == [
        (f"{COMMUNE}MS", Reason.SUBSEQUENT.value, "AC"),
        (f"{COMMUNE}MSS", Reason.SUBSEQUENT.value, "MS"),
    ]
    assert len(read_records(tmp_path, child).contracts) == 1
    unusable = read_records(tmp_path, child, record(id="AC", montant=0))
    assert unusable.contracts["contract_id"].to_list() == [f"{COMMUNE}MS"]
    other = read_records(tmp_path, child, record(id="AC", acheteur={"id": "21690123100011"}))
    assert len(other.contracts) == 2
    itself = read_records(tmp_path, record(id="AC", idAccordCadre="AC"))
    assert len(itself.contracts) == 1
    circle = read_records(
        tmp_path, record(id="A", idAccordCadre="B"), record(id="B", idAccordCadre="A")
    )
    assert len(circle.contracts) == 2


def test_concessions_are_counted_apart(tmp_path: Path) -> None:
    concession = {
        "id": "C1",
        "autoriteConcedante": {"id": COMMUNE},
        "nature": "Concession de travaux",
        "dureeMois": 120,
        "dateSignature": "2023-01-01",
        "valeurGlobale": 10.3,
        "modifications": [
            {"modification": {"dateSignatureModification": "2024-01-01", "valeurGlobale": 25.0}}
        ],
    }
    content = {"marches": {"marche": record(), "contrat-concession": [concession]}}
    file = read_bytes(tmp_path, json.dumps(content).encode())
    assert file.counts == {READ: 2, KEPT: 1, MERGED: 0, Reason.CONCESSION.value: 1}
    assert file.aside.select("row", "found", "amount_cents").row(0) == (
        2,
        "Concession de travaux",
        2500,
    )
    old = {**concession, "_type": "Contrat de concession", "nature": "Autre"}
    assert set_aside(read_records(tmp_path, old, old=True))[1] == "concession (Autre)"


def test_elements_that_are_no_contract_are_counted(tmp_path: Path) -> None:
    file = read_records(tmp_path, "rien", record(), ["x"])
    assert file.counts == {READ: 3, KEPT: 1, MERGED: 0, Reason.UNREADABLE.value: 2}


def test_files_hurt_in_their_bytes_are_read(tmp_path: Path) -> None:
    text = json.dumps({"marches": [record(objet="École\u2028neuve")]}, ensure_ascii=False)
    for content in (
        b"\xef\xbb\xbf" + text.encode(),
        text.replace("\u2028", "’").encode("cp1252"),
        text.replace("neuve", "neu\x01\nve").encode(),
        text.replace('"objet"', '"origineUE": NaN, "objet"').encode(),
    ):
        assert one(read_bytes(tmp_path, content))["amount_cents"] == 10_000_050


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "JSON illisible"),
        (b'{"autre": []}', "aucune liste"),
        (b"[1, 2]", "aucune liste"),
        (b"", "JSON illisible"),
        (b'{"marches": [\x81\x8d]}', "texte illisible"),
    ],
)
def test_what_is_no_file_of_contracts_is_an_error(
    content: bytes, words: str, tmp_path: Path
) -> None:
    file = read_bytes(tmp_path, content)
    assert words in str(file.findings.faults[0])
    assert len(file.contracts) + len(file.aside) == 0


def test_places_not_taken_as_they_stood_are_told(tmp_path: Path) -> None:
    places = [("0104", "Code canton"), ("75000", "Code postal"), ("75001", "Code postal")]
    records = [
        record(id=f"M{n}", lieuExecution={"code": code, "typeCode": kind})
        for n, (code, kind) in enumerate(places)
    ]
    texts = [str(warning) for warning in read_records(tmp_path, *records).findings.warnings]
    assert any("1 marché : canton, lu comme son département" in text for text in texts)
    assert any("2 marchés : code postal inconnu" in text for text in texts)


def test_the_buyers_table_goes_before_the_siren(tmp_path: Path) -> None:
    hospital = record(acheteur={"id": "26590001300012"})
    by_category = read_records(tmp_path, hospital, table=buyers(_265900013="7364"))
    assert one(by_category)["donneur_ordre"] == "hopitaux"
    given = read_records(tmp_path, record(), table=buyers(_217500016="bailleurs"))
    assert one(given)["donneur_ordre"] == "bailleurs"


@pytest.fixture(scope="module")
def france() -> Territory:
    return load_territory()


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("decp_test_2019", {READ: 2, KEPT: 1, MERGED: 0, Reason.MONTHS_UNREADABLE.value: 1}),
        ("decp_test_2022", {READ: 5, KEPT: 4, MERGED: 0, Reason.MONTHS_UNREADABLE.value: 1}),
        ("decp_test_2022_ancien", {READ: 6, KEPT: 6, MERGED: 0}),
        ("marches_avec_modifications", {READ: 2, KEPT: 2, MERGED: 0}),
        ("marches_concessions", {READ: 4, KEPT: 2, MERGED: 0, Reason.CONCESSION.value: 2}),
        ("concessions", {READ: 2, KEPT: 0, MERGED: 0, Reason.CONCESSION.value: 2}),
    ],
)
def test_real_files_are_read(name: str, counts: dict[str, int], france: Territory) -> None:
    path = SHARED / f"{name}.json"
    if not path.exists():
        pytest.skip("shared data absent")
    file = read_contracts(path, france, buyers())
    assert file.counts == counts


def test_a_real_contract_takes_its_last_modifications(france: Territory) -> None:
    path = SHARED / "decp_test_2022.json"
    if not path.exists():
        pytest.skip("shared data absent")
    rows = read_contracts(path, france, buyers()).contracts.rows_by_key("contract_id", named=True)
    (mended,) = rows["221300015002472020F00075"]  # filed at 1e17, then three amounts
    assert (mended["amount_cents"], mended["months"]) == (2_254_000, 100)
    (school,) = rows["216901231000112019K1209"]
    assert (school["amount_cents"], school["months"], school["code"]) == (121_490_000, 49, "69123")
