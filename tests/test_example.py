"""The fictional national study: its files, its figures, and what the engine decides of it."""

from __future__ import annotations

import csv
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from coverage.parameters import CLASSES
from coverage.status import GRAVITIES, STATUTS
from data.example.filings import FILINGS
from data.example.generate import main, write_example
from data.example.names import MARK
from data.example.needs import BY_CONTRACTS, CONTRACTS_FILE, SOURCE, TOTAL_HOURS
from data.study.tables import STATUTS as LEGAL_STATUSES

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from coverage.model import Coverage
    from geo.territory import Territory

FILES = {
    *("etude.toml", "structures.csv", "postes.csv", "perimetres.csv", "besoins.csv"),
    *("exhaustivite.csv", "marches.json", "acheteurs.csv", "services_etat.csv"),
    *("grands_projets.geojson", "indicateurs.csv", "totaux_regionaux.csv"),
    *("financements.csv", "conventions.csv", "resultats.csv"),
    *(f"candidatures/{filing.name}.toml" for filing in FILINGS),
}
ILE_DE_FRANCE = "11"
OVERSEAS = ("01", "02", "03", "04", "06")

Rows = list[dict[str, str]]


def held(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder by their paths in it."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


@pytest.fixture(scope="module")
def files(example_folder: Path) -> dict[str, str]:
    return {name: content.decode() for name, content in held(example_folder).items()}


@pytest.fixture(scope="module")
def tables(files: dict[str, str]) -> dict[str, Rows]:
    return {
        name.removesuffix(".csv"): list(csv.DictReader(text.splitlines()))
        for name, text in files.items()
        if name.endswith(".csv")
    }


@pytest.fixture(scope="module")
def coverage(example_coverage: Coverage) -> Coverage:
    return example_coverage


def test_two_runs_give_the_same_bytes(
    tmp_path: Path, france: Territory, files: dict[str, str]
) -> None:
    folder = tmp_path / "un" / "exemple"
    write_example(folder, france)
    written = held(folder)
    assert written == {name: text.encode() for name, text in files.items()}
    assert set(written) == FILES
    assert [path.name for path in folder.parent.iterdir()] == ["exemple"]


def test_an_empty_folder_is_filled_and_a_full_one_is_left_alone(
    tmp_path: Path,
    france: Territory,
    files: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("data.example.generate.example_files", lambda _territory: files)
    folder = tmp_path / "exemple"
    folder.mkdir()
    main([str(folder)])
    assert {*held(folder)} == FILES
    (folder / "etude.toml").write_text("à moi", encoding="utf-8")
    with pytest.raises(FileExistsError, match="n’est pas vide"):
        write_example(folder, france)
    with pytest.raises(SystemExit):
        main([str(folder)])
    assert "n’est pas vide" in capsys.readouterr().err
    assert (folder / "etude.toml").read_text(encoding="utf-8") == "à moi"


def test_a_failure_leaves_nothing_behind(
    tmp_path: Path, france: Territory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_territory: Territory) -> dict[str, str]:
        raise RuntimeError

    monkeypatch.setattr("data.example.generate.example_files", fails)
    with pytest.raises(RuntimeError):
        write_example(tmp_path / "exemple", france)
    assert list(tmp_path.iterdir()) == []


def test_every_structure_says_that_it_is_fictional(tables: dict[str, Rows]) -> None:
    structures = tables["structures"]
    assert 330 <= len(structures) <= 370
    for row in structures:
        assert row["nom"].endswith(MARK)
        assert row["nom"].count("(") == 1
        assert "'" not in row["nom"]
        assert row["siret"] == ""
        assert row["statut_juridique"] in LEGAL_STATUSES
    for column in ("structure_id", "nom"):
        assert len({row[column] for row in structures}) == len(structures)


def test_facilitators_are_400_etp_in_force(tables: dict[str, Rows]) -> None:
    facilitators = [row for row in tables["postes"] if row["volet"] == "facilitateur"]
    in_force = [row for row in facilitators if row["fin"] != "2022-12-31"]
    assert sum(Decimal(row["etp"]) for row in in_force) == Decimal("400.00")
    assert sum(Decimal(row["etp"]) for row in facilitators) <= 405
    assert all(Decimal("0.25") <= Decimal(row["etp"]) <= 1 for row in facilitators)


def test_half_of_the_regions_have_a_coordinator(tables: dict[str, Rows]) -> None:
    coordinators = [row for row in tables["postes"] if row["volet"] == "coordinateur"]
    assert all(Decimal("0.5") <= Decimal(row["etp"]) <= 1 for row in coordinators)
    perimeters = [row for row in tables["perimetres"] if row["volet"] == "coordinateur"]
    assert {row["niveau"] for row in perimeters} == {"region"}
    assert len(perimeters) == len({row["code"] for row in perimeters}) == 9
    assert {r["structure_id"] for r in perimeters} == {r["structure_id"] for r in coordinators}


def test_every_code_resolves(tables: dict[str, Rows], france: Territory) -> None:
    levels = {"commune": "commune", "region": "region", "departement": "departement"}
    asked = {(row["niveau"], row["code"]) for row in tables["perimetres"]}
    for name in (*("besoins", "exhaustivite", "services_etat", "indicateurs", "totaux_regionaux"),):
        for column, niveau in levels.items():
            asked |= {(niveau, row[column]) for row in tables[name] if row.get(column)}
    for niveau, code in asked:
        assert len(france.resolve(niveau, code))


def test_a_third_of_the_structures_extend(tables: dict[str, Rows]) -> None:
    perimeters = tables["perimetres"]
    extended = {r["structure_id"] for r in perimeters if r["nature"].startswith("extension")}
    assert 0.28 <= len(extended) / len(tables["structures"]) <= 0.40
    natures, states = (Counter(r[k] for r in perimeters) for k in ("nature", "etat"))
    assert natures["extension_dotee"] >= 10
    assert states["a_confirmer"] >= 5
    assert states["conteste"] >= 5


def test_the_oddities_of_real_files_are_there(tables: dict[str, Rows]) -> None:
    posts = tables["postes"]
    scopes = Counter(row["donneurs_ordre"] for row in posts)
    assert scopes["etat|operateurs_etat"] == 10
    assert any(row["fin"] == "2022-12-31" for row in posts)
    assert any(row["fin"] == "2023-06-30" for row in posts)
    assert any(row["debut"] == "2023-07-01" for row in posts)
    public = [scope for scope in scopes if "etat" in scope.split("|") and "prives" not in scope]
    assert "|".join(CLASSES[:-1]) in public
    assert scopes["|".join(CLASSES[2:])]
    funding = Counter(row["financement"] for row in posts)
    assert funding["aap_2022"] > funding["aap_2023"] > 0
    new = [row["debut"] for row in posts if row["financement"] == "aap_2023"]
    assert all(debut.startswith("2023-") for debut in new)
    assert 5 <= sum(row["heures_par_etp"] != "" for row in tables["structures"]) <= 12
    without = {r["structure_id"] for r in tables["structures"]} - {r["structure_id"] for r in posts}
    assert len(without) == 3


def test_needs_add_up_and_some_are_told_otherwise(
    tables: dict[str, Rows], files: dict[str, str], france: Territory
) -> None:
    needs = tables["besoins"]
    hours = [int(row["heures"]) for row in needs if row["annee"] in ("", "2023")]
    assert TOTAL_HOURS == 14_600_000
    assert 12_500_000 <= sum(hours) < TOTAL_HOURS
    assert 0 in hours
    assert {row["donneur_ordre"] for row in needs} == set(CLASSES)
    assert {row["programme"] for row in needs} == {"", "npnru", "grand_paris_express"}
    assert {row["source"] for row in needs} == {SOURCE}
    assert len(files["besoins.csv"].encode()) < 6_000_000
    departement = france.units["departement"].to_dict()
    filed = {
        (departement.get(r["commune"]), r["donneur_ordre"]) for r in needs if not r["programme"]
    }
    told = {(code, class_) for code, classes in BY_CONTRACTS.items() for class_ in classes}
    assert not told & filed
    declared = {
        (row["departement"], row["donneur_ordre"])
        for row in tables["exhaustivite"]
        if row["source"] == CONTRACTS_FILE
    }
    assert declared == told


def test_programmes_are_filed_year_by_year_and_come_to_an_end(tables: dict[str, Rows]) -> None:
    needs = [row for row in tables["besoins"] if row["programme"]]
    sums = Counter[str]()
    for row in needs:
        sums[row["annee"]] += int(row["heures"])
    assert sums["2023"] > sums["2024"] > sums["2025"] > 0
    assert len({(r["commune"], r["donneur_ordre"]) for r in needs}) == len(needs) / 3
    assert {row["annee"] for row in tables["besoins"] if not row["programme"]} == {""}


def test_posts_end_after_the_year(tables: dict[str, Rows]) -> None:
    facilitators = [row for row in tables["postes"] if row["volet"] == "facilitateur"]
    posts = Counter(row["structure_id"] for row in facilitators)
    later = [row for row in facilitators if row["fin"] >= "2024"]
    assert 20 <= len(later) <= 40
    assert {row["financement"] for row in later} == {"aap_2022", "socle"}
    last = [row for row in later if row["fin"] == "2024-12-31"]
    assert [posts[row["structure_id"]] for row in last] == [1, 1, 1]


def test_state_needs_are_unknown_in_a_whole_region(coverage: Coverage) -> None:
    unknown = coverage.communes["classes_inconnues"].map(lambda classes: "etat" in classes)
    assert unknown[coverage.communes["region"] == "27"].all()
    assert not unknown[coverage.communes["departement"] == "75"].any()


def test_the_reader_and_the_engine_take_it_as_fictional(coverage: Coverage) -> None:
    assert coverage.study.fictional
    assert coverage.study.name == "Exemple fictif — France 2023"
    assert coverage.study.regions == ()
    assert {notice.file for notice in coverage.warnings} == {
        *("perimetres", "besoins", "marches", "marches.json", "grands_projets.geojson"),
        *("services_etat", "totaux_regionaux", "etude.toml"),
    }
    assert len(coverage.warnings) <= 24


def people_by(communes: pd.DataFrame, column: str) -> dict[str, int]:
    sums = communes.groupby(column)["population"].sum()
    return {str(name): int(count) for name, count in sums.items()}


def test_every_status_and_gravity_appears_nationally_and_in_ile_de_france(
    coverage: Coverage,
) -> None:
    communes = coverage.communes
    for part in (communes, communes[communes["region"] == ILE_DE_FRANCE]):
        assert set(part["statut"]) == set(STATUTS)
        assert set(part["gravite"]) - {""} == {gravity.label for gravity in GRAVITIES}


def test_statuses_share_the_population_in_a_believable_way(coverage: Coverage) -> None:
    people = people_by(coverage.communes, "statut")
    share = {statut: count / sum(people.values()) for statut, count in people.items()}
    assert 0.35 <= share["couverte"] <= 0.55
    assert 0.20 <= share["capacite_insuffisante"] <= 0.35
    assert 0.05 <= share["limitrophe"] <= 0.12
    assert 0.08 <= share["non_couverte"] <= 0.18
    assert 0.02 <= share["donnee_manquante"] <= 0.06


def test_statuses_hold_together_on_the_map(coverage: Coverage) -> None:
    """A zone to 60 communes or more, on average: perimeters, not noise."""
    assert len(coverage.zones) < len(coverage.communes) / 60


def test_overseas_is_covered_but_mayotte(coverage: Coverage) -> None:
    for region in OVERSEAS:
        statuses = set(coverage.communes.loc[coverage.communes["region"] == region, "statut"])
        assert (statuses == {"non_couverte"}) == (region == "06")


def test_zones_and_certificates_of_every_kind(coverage: Coverage) -> None:
    found = {(c.flow, c.kind) for c in coverage.certificates.values()}
    assert len(found) == 4
    white = coverage.zones[coverage.zones["statut"].isin(["non_couverte", "limitrophe"])]
    assert set(white["besoin"]) == {"identifie", "inconnu", "aucun"}
