"""A real study: every public file of `../shared/data`, dropped in a folder as a planner would."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from explained import explained
from test_mutations import INSIDE

from api.cli import main
from coverage.origins.contributions import MICRO
from coverage.study import compute
from coverage.trace import trace
from data.reference import territory as reference
from data.study.reader import read_study

if TYPE_CHECKING:
    from coverage.model import Coverage, Study
    from geo.territory import Territory

SHARED = Path(__file__).parents[2] / "shared/data"
PUBLIC = (
    *("qpv", "emploi", "siae", "services_etat", "gpe", "jo2024"),
    *("bassin_minier", "canal_seine_nord", "facilitateurs"),
)
"""Folders whose files go to `sources`."""

CONTRACTS = ("decp_test", "marches", "concessions")
"""Beginnings of the names of files of contracts."""

THIN = "\u202f"
YEAR = 2023
HEADS = "projet_id,nom,programme,communes,debut,fin,heures,source,fiabilite"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not SHARED.exists():
        pytest.skip("shared data absent")
    return written(tmp_path_factory.mktemp("reel") / "étude")


def written(study: Path) -> Path:
    """Write the study: three structures, the official files, two projects by communes."""
    (study / "sources").mkdir(parents=True)
    texts = {
        "etude.toml": 'format_version = 1\n[etude]\nnom = "Essai réel"\nannee = 2023\n',
        "structures.csv": "structure_id,nom\nN,PLIE du Nord\nP,Maison de Paris\nR,Réunion\n",
        "postes.csv": "structure_id,volet,etp\nN,facilitateur,2\nP,facilitateur,3\n"
        "R,facilitateur,1\n",
        "perimetres.csv": "structure_id,niveau,code\nN,departement,59\nN,departement,80\n"
        "P,region,11\nR,region,04\n",
        "grands_projets.csv": "\n".join([HEADS, *_projects(), ""]),
    }
    for name, text in texts.items():
        (study / name).write_text(text, encoding="utf-8")
    for path in sorted((SHARED / "decp").glob("*.json")):
        if path.name.startswith(CONTRACTS):
            name = path.name if path.name.startswith("marches") else f"marches-{path.name}"
            shutil.copyfile(path, study / name)
    for public in PUBLIC:
        for path in (SHARED / public).iterdir():
            shutil.copyfile(path, study / "sources" / path.name)
    return study


def _projects() -> list[str]:
    canal = _rows("canal_seine_nord/csne_communes.csv")
    lines = [
        f"csne,Canal Seine-Nord Europe,canal_seine_nord,{codes},01/01/2022,31/12/2030,900000,"
        f"enquêtes parcellaires,{sure}"
        for sure, graded in (("certain", "certain"), ("approximatif", "probable"))
        for codes in ["|".join(r["code_commune"] for r in canal if r["fiabilite"] == graded)]
    ]
    codes = "|".join(
        row["code_commune"] for row in _rows("bassin_minier/bud_communes_derivees.csv")
    )
    dates = "01/01/2017,31/12/2027"
    return [
        *lines,
        f"bud,Bassin minier,bassin_minier,{codes},{dates},500000,BUD 2018,approximatif",
    ]


def _rows(name: str) -> list[dict[str, str]]:
    with (SHARED / name).open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def study(folder: Path, france: Territory) -> Study:
    return read_study(folder, france)


@pytest.fixture(scope="module")
def coverage(study: Study, france: Territory) -> Coverage:
    return compute(study, france)


# --- reading ------------------------------------------------------------------------------

QUIRKS = {
    "marches-decp_test_2019.json": ["1 marché écarté pour 1 marché retenu : durée absente"],
    "marches-decp_test_2022.json": ["1 marché écarté pour 4 marchés retenus : durée absente"],
    "marches-concessions.json": ["2 marchés écartés pour 0 marché retenu : concession"],
    "marches_concessions.json": [
        "2 marchés écartés pour 2 marchés retenus : concession",
        "2 marchés : code postal inconnu (CEDEX ou ville entière), lu comme son département",
    ],
    "marches": ["5 marchés présents dans un autre fichier, même acheteur et même identifiant"],
    "sources/gpe_gares.geojson": ["6 gares de plusieurs lignes", "ordre inverse : L15/L14"],
    "sources/paris-2024-sites-de-competition.csv": [
        "63 lignes pour 44 sites",
        "4 lignes où latitude et longitude n’ont pas le même séparateur décimal : 13, 17, 18 et 40",
        "2 lignes dont les dates ne sont pas celles des Jeux annoncés : VE2 et LGN",
    ],
    "sources/qpv_2024_contours.geojson": [
        "586 polygones invalides réparés",
        "hors du territoire étudié, compté à part : 88 quartiers",
        "hors des communes de sa liste : 1 quartier (« QN97654C »)",
        "hors de toute commune dessinée : 4 quartiers",
        "l’indicateur est la surface des quartiers",
    ],
    "sources/hackaviz2021_occitanie_qp.geojson": ["32 polygones invalides réparés"],
    "sources/hackaviz2021_occitanie_qp.csv": ["faute de contour : 1 quartier (« QP065003 »)"],
    "sources/qpv_2024_communes.csv": [
        "1 ancienne commune",
        "9 codes de communes inconnus",
        "(88 au total)",
        "« 13055 », « 69123 », « 75056 » : la liste ne dit pas l’arrondissement",
    ],
    "sources/administrations_camino_2024.csv": [
        "sans code de commune : 28 services",
        "non placé, ni coordonnées ni commune reconnues : 2 services",
    ],
    "sources/esr_etablissements_2023.csv": [
        "établissement à l’étranger : 4 lignes",
        "établissement fermé : 1 ligne",
        "établissement privé, hors de l’État : 85 lignes",
        "ligne sans nom : 1 ligne",
        "dans une autre commune que le code donné : 7 services",
        "non placé, ni coordonnées ni commune reconnues : 2 services",
    ],
    "sources/france_services_2021.geojson": ["ne sont pas des acheteurs de l’État"],
    "sources/filosofi_2021_communes.csv": [
        f"25{THIN}979 communes sans valeur de « part_minima_sociaux_pct »",
        "65 anciennes communes",
        "9 codes de communes inconnus",
    ],
    "sources/taux_chomage_ze2020_trim.csv": [
        "39 communes de 4 zones sans taux publié",
        "3 villes entières",
    ],
    "sources/zrr_2022_communes.csv": ["17 codes de communes inconnus", "85 anciennes communes"],
    "sources/anct_programmes_communes.csv": ["1 code de commune inconnu", "4 anciennes communes"],
    "sources/siae_les_emplois_2020_12.csv": [
        "175 structures",
        "(score sous 0,6) : 247 structures",
        "(mer, étranger) : 4 structures",
        "hors du département annoncé, non cru : 1 structure",
        "celui d’une seule commune : 14 structures",
        "sans coordonnées : 32 structures",
        "comptée nulle part : 23 structures",
        "au SIRET déjà compté : 12 lignes",
    ],
}
"""File → parts of what must be said of it."""

UNKNOWN = {
    *("bud_bassin_minier_2018.geojson", "bud_communes_derivees.csv", "csne_communes.csv"),
    *("csne_communes.geojson", "data_inclusion_reseaux_porteurs_v1.csv", "gpe_gares.csv"),
    *("data_inclusion_typologies_v0.csv", "gpe_l15_ligne.geojson", "gpe_l15_stops.geojson"),
    *("hackaviz2021_occitanie_meta_qp.csv", "jo2024_sites_nettoyes.csv"),
    "paris-2024-sites-franciliens.json",
}
"""Files of no known format: derived from others, or drawn by amateurs."""


def test_every_quirk_is_told_with_its_count(study: Study) -> None:
    said: dict[str, str] = {}
    for notice in study.warnings:
        said[notice.file] = f"{said.get(notice.file, '')}\n{notice.message}"
        assert notice.remedy, notice
        assert explained(notice.message), notice
        assert not INSIDE.search(f"{notice.message} {notice.remedy}"), notice
    for file, parts in QUIRKS.items():
        for part in parts:
            assert part in said[file], (file, part, said[file])
    unknown = {
        Path(file).name for file, text in said.items() if "non reconnu à ses colonnes" in text
    }
    assert unknown == UNKNOWN


def test_the_list_of_known_files_is_given_once(study: Study) -> None:
    remedies = [
        notice.remedy for notice in study.warnings if "non reconnu à ses colonnes" in notice.message
    ]
    assert sum("Filosofi" in remedy for remedy in remedies) == 1


def test_every_file_is_counted_in_or_told_out(folder: Path, study: Study) -> None:
    read = {entry.name for entry in study.inputs}
    told = {notice.file for notice in study.warnings}
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert files - read == {name for name in told if Path(name).name in UNKNOWN}
    assert read <= files
    assert len(study.inputs) == len(read)


def test_contracts_are_each_counted_once(study: Study) -> None:
    rows = {e.name: e.rows for e in study.inputs if e.name.startswith("marches")}
    assert sum(rows.values()) == len(study.contracts) + len(study.contracts_aside) == 23
    assert len(study.contracts) == 10
    keys = ["acheteur_siret", "contract_id"]
    assert not study.contracts.select(keys).is_duplicated().any()
    reasons = study.contracts_aside.group_by("reason").agg(pl.len()).sort("reason").rows()
    assert [count for _, count in reasons] == [6, 2, 5]


def test_indicators_services_and_projects_are_whole(study: Study, france: Territory) -> None:
    assert study.services is not None
    assert study.projects is not None
    assert len(study.services) == 130 + 250 - 4 - 1 - 85 - 1
    assert study.services["service_id"].is_unique
    assert set(study.services["accompagne"]) == {"inconnu"}
    assert study.projects["projet_id"].nunique() == 44 + 69 + 2
    assert study.indicators["commune"].isin(list(france.members["commune"])).all()


# --- computing ----------------------------------------------------------------------------


def test_hours_are_conserved_from_the_files_to_the_trace(coverage: Coverage) -> None:
    need, told = coverage.need, trace(coverage)
    micro = need.contributions.table["micro"]
    by_origin = told.groupby("origine")["heures"].sum()
    # 900,000 h over 3,287 days, 500,000 h over 4,017: 365 of them in the year.
    projects = 900_000 * 365 / 3_287 + 500_000 * 365 / 4_017
    assert by_origin["grands_projets"] == pytest.approx(projects, abs=1e-5)
    assert set(by_origin.index) == {"grands_projets", "marches"}
    assert round(told["heures"].sum() * MICRO) == pytest.approx(micro.sum(), abs=1)
    counted = told.groupby("commune")["heures_comptees"].sum()
    shown = coverage.communes["besoin_h"]
    assert counted.to_dict() == shown[counted.index].to_dict()
    assert shown.sum() == counted.sum() == coverage.totals["besoin_h"]
    assert coverage.totals["besoin_ecarte_h"] == 0
    zones = coverage.zones
    assert sum(sum(row.values()) for row in zones["besoin_par_classe"]) == shown.sum()
    programmes = sum(row.get("canal_seine_nord", 0) for row in zones["besoin_par_programme"])
    assert programmes == round(900_000 * 365 / 3_287)


def test_what_touches_no_commune_is_told(coverage: Coverage) -> None:
    messages = [notice.message for notice in coverage.warnings]
    assert all(map(explained, messages)), [text for text in messages if not explained(text)]
    lost = {text.split("« ")[1].split(" »")[0] for text in messages if "ne touche aucune" in text}
    assert lost == {"jop-MAM", "jop-TAH"}  # Marseille's marina and Teahupo’o are at sea
    aside = coverage.need.contributions.aside
    assert aside["heures"].isna().all()
    assert set(aside["constat"].str.split(",").str[0]) <= {
        "ni commune ni coordonnées connues",
        "commune « 98818 » inconnue (COG 2026)",
        "commune « 98738 » inconnue (COG 2026)",
    }


def test_nothing_known_by_project_alone_is_green(coverage: Coverage) -> None:
    known = coverage.need.known.any(axis=1)
    green = (coverage.communes["statut"] == "couverte").to_numpy()
    assert not (green & ~known).any()
    projects = coverage.communes["besoin_h"].to_numpy() > 0
    assert np.count_nonzero(projects & ~known) > 150
    labels = coverage.communes["besoin_connu"].to_numpy()
    assert set(labels[projects & ~known]) == {"partiel"}


# --- the command line ---------------------------------------------------------------------


def test_verifier_accepts_it_and_says_it_in_french(
    folder: Path,
    france: Territory,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(reference, "load_territory", lambda **_: france)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    assert main(["verifier", str(folder)]) == 0
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before
    printed = capsys.readouterr()
    assert "« Essai réel » (2023) : aucune erreur" in printed.out
    assert not INSIDE.search(printed.err)
    assert str(folder) not in printed.err
    for line in printed.err.splitlines():
        assert len(line) < 1_500, line
    assert printed.err.count("fichiers lus :") == 1
