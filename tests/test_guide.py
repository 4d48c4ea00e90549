"""The guides explain every message: those of the sources, those of every broken study here."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING

import pytest
from explained import GUIDES, ROOT, explained, patterns, said, written
from test_study_warnings import WARNED
from toy import STUDY, toy_territory, write_study

from coverage.need import build_need
from data.indicators.recognise import KNOWN_LABELS, read_source
from data.study.reader import read_study
from geo.errors import InputErrors

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

SHARED = ROOT.parent / "shared/data"
MOST_BYTES = 3_000_000
"""Of the files read here: drawings of every district would take their time."""

TOY = toy_territory()
each_guide = pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.stem)


@cache
def shape(text: str) -> re.Pattern[str]:
    """Return what a text with holes may be."""
    return re.compile(".*".join(map(re.escape, text.split("…"))))


def fits(template: str, pattern: str, *, part: bool) -> bool:
    """Tell whether a message with holes, or a part of one, and an entry may be one text."""
    whole = f"…{template}…" if part else template
    told, entry = template.replace("…", "X"), pattern.replace("…", "X")
    return bool(shape(whole).fullmatch(entry) or shape(pattern).fullmatch(told))


@each_guide
def test_every_message_of_the_sources_has_its_entry(guide: Path) -> None:
    entries = [entry for each in GUIDES for entry in patterns(each)]
    lost = {
        each
        for each in written(guide)
        if not any(fits(each[1], entry, part=True) for entry in entries)
    }
    assert not lost, "\n".join(map(str, sorted(lost)))


@each_guide
def test_the_guide_explains_no_message_that_nothing_says(guide: Path) -> None:
    for entry in patterns(guide):
        # What is told with a count, before or after it, is joined when the program runs.
        bare = re.sub("^[… :]+|[… :]+$", "", entry)
        own = (entry, bare)
        assert any(fits(text, each, part=False) for text in said(guide) for each in own), entry


def test_entries_are_whole_and_written_once() -> None:
    entries = [entry for guide in GUIDES for entry in patterns(guide)]
    for guide in GUIDES:
        text = guide.read_text(encoding="utf-8").split("## Tous les messages")[1]
        rows = [line for line in text.splitlines() if line.startswith("|")]
        for row in rows:
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]]
            assert len(cells) == 3, row
            assert all(cells), row
    assert sorted(set(entries)) == sorted(entries)
    assert len(entries) > 350


@pytest.mark.parametrize("case", WARNED)
def test_every_warning_of_the_tests_has_its_entry(case: str, tmp_path: Path) -> None:
    files = {**STUDY, **WARNED[case][0]}
    kept = {name: content for name, content in files.items() if content is not None}
    for warning in read_study(write_study(tmp_path, kept), TOY).warnings:
        assert explained(warning.message), warning


def told(folder: Path, files: Mapping[str, str]) -> list[str]:
    """Return every message about the small study with more files, computed if it can be."""
    (folder / "sources").mkdir()
    try:
        study = read_study(write_study(folder, {**STUDY, **files}), TOY)
    except InputErrors as errors:
        return [notice.message for notice in (*errors.faults, *errors.warnings)]
    need = build_need(study, TOY)
    notices = [notice.message for notice in (*study.warnings, *need.warnings)]
    reasons = study.contracts_aside["reason"].to_list()
    return [*notices, *reasons, *need.contributions.aside["constat"]]


CONTRACTS = (
    "marche_id;acheteur_siret;donneur_ordre;cpv;montant_eur;date_notification;duree_mois;"
    "lieu_code;lieu_type;lon;lat\n"
)
SERVICES = "service_id;nom;type;siret;commune;lon;lat;accompagne;structure_id;heures\n"
PROJECTS = "projet_id;nom;programme;communes;rayon_m;debut;fin;heures;montant_eur;donneur_ordre\n"
JOB_SEEKERS = (
    "Date;Code commune;Commune;Code département;Type de données;Catégorie;Sexe;Tranche d'âge;"
    "Nombre de demandeurs d'emploi\n"
)
OFFICIAL = {
    "id": "M1",
    "acheteur": {"id": "21750001600019"},
    "codeCPV": "45210000-2",
    "lieuExecution": {"code": "93066", "typeCode": "Code commune"},
    "dureeMois": 12,
    "dateNotification": "2023-03-15",
    "montant": 100_000,
}
DOUBTS: Sequence[Mapping[str, object]] = (
    *({"montant": 1e17}, {"montant": 0}, {"montant": "?"}, {"dureeMois": "NC"}, {"dureeMois": 0}),
    *({"dateNotification": "0222-04-29"}, {"dateNotification": ""}, {"codeCPV": "30000000-9"}),
    *({"codeCPV": "99000000"}, {"codeCPV": ""}, {"codeCPV": "66000000"}, {"id": ""}),
    *({"lieuExecution": {"code": code, "typeCode": kind}} for code, kind in (
        *(("", ""), ("x", "lieu"), ("BE", "Code pays"), ("99999", "Code commune")),
        *(("1004", "Code commune"), ("9301", "Code canton"), ("75982", "Code postal")),
    )),
    *({"acheteur": {"id": number}} for number in ("", "27590000000011")),
)  # fmt: skip

SPOILT: dict[str, dict[str, str]] = {
    "contracts": {
        "marches.csv": f"{CONTRACTS}a;;etat;travaux;0;15/03/2023;12;99999;commune;;\n"
        "b;;etat;45210000;9;15/03/2023;12;93066;;;\nb;;etat;45210000;9;15/03/2023;12;;;2;\n"
        "c;;etat;45210000;9;15/03/2023;12;93066;commune;2,4;48,9\n"
        "d;;etat;45210000;9;15/03/2023;12;zzzzz;code_postal;;\n"
    },
    "contracts set aside": {
        "marches.csv": f"{CONTRACTS}a;;;45210000;9;15/03/2023;12;93066;commune;;\n"
        "b;;etat;;9;15/03/2023;12;93066;commune;;\nc;;etat;45210000;9;15/03/2023;12;;;2;41\n"
        "d;;etat;45210000;900;15/03/2019;12;11;region;;\n"
        "e;;etat;45210000;90000;15/03/2023;12;11;region;;\n"
    },
    "official contracts": {
        "marches-1.json": json.dumps(
            {"marches": [OFFICIAL, *({**OFFICIAL, "id": f"D{n}", **doubt}
                                     for n, doubt in enumerate(DOUBTS)), 7]}
        ),
        "marches-2.json": json.dumps({"marches": [OFFICIAL]}),
    },
    "files that are not contracts": {
        "marches-1.json": "{",
        "marches-2.json": "{}",
        "marches.parquet": "PAR1",
        "decp.csv": "a;b\n1;2\n",
    },
    "projects": {
        "grands_projets.csv": f"{PROJECTS}a;A;npnru;;;;;;;\nb;B;npnru;01004;5;;;900;;\n"
        "c;C;autre;01004;;01/01/2023;31/12/2023;900;9;\nd;D;jop;01004;;;;;;\n"
        "d;E;jop;01033;;;;;;\ne;E;npnru;99999;;;;;;\n"
    },
    "projects of two kinds": {
        "grands_projets.csv": f"{PROJECTS}a;A;npnru;01004;;;;;;\n",
        "grands_projets.geojson": json.dumps(
            {"type": "FeatureCollection", "features": [
                {"type": "Feature", "properties": {"projet_id": name, "nom": "A",
                                                   "programme": "npnru"}, "geometry": shape}
                for name, shape in (
                    ("a", {"type": "Point", "coordinates": [2.35, 48.85]}),
                    ("b", {"type": "LineString", "coordinates": [[2.35, 48.85], [2.35, 48.85]]}),
                )
            ]}
        ),
    },
    "services": {
        "services_etat.csv": f"{SERVICES}a;A;phare;;;;;;;\nb;B;ddt;;;2,3;;;;\n"
        "c;C;ddt;;;48,85;2,35;;;\nd;D;ddt;;;10;30;;;\ne;E;ddt;;01004;2,35;48,85;non;A;\n"
        "f;F;ddt;;01004;10;30;;;\n"
    },
    "services that bring hours": {
        "services_etat.csv": f"{SERVICES}a;A;phare;;01004;;;;;9\n"
        "b;B;ddt;21750001600019;01004;;;;;9\n",
        "marches.json": json.dumps({"marches": [OFFICIAL]}),
        "services_etat.json": json.dumps([
            {"id": name, "nom": "C", "pivot": json.dumps([{"type_service_local": kind,
                                                           "code_insee_commune": ["99999"]}])}
            for name, kind in (("c", "ddt"), ("c", "ddt"), ("b", "ddt"), ("d", "mairie"))
        ]),
    },
    "buyers": {
        "acheteurs.csv": "siren;categorie_juridique\n12;72\n",
        "services_etat.json": "[]",
        "grands_projets.geojson": '{"type": "FeatureCollection", "features": []}',
    },
    "totals": {
        "totaux_regionaux.csv": "region;donneur_ordre;heures\n84;etat;900\n11;bailleurs;900\n",
        "indicateurs.csv": "commune;indicateur;valeur;source\n01004;demandeurs_emploi;9;a\n"
        "01004;demandeurs_emploi;9;b\n",
    },
    "values filed twice": {
        "indicateurs.csv": "commune;indicateur;valeur;source\n01004;x;9;a\n01004;x;8;a\n"
    },
    "settings": {
        "etude.toml": STUDY["etude.toml"].replace("annee = 2023", "annee = 2023\n"
        "derniere_annee = 2050").replace("[appel]", "poids_indicateurs = { population = 0 }\n"
        'part_marches_clausables = { etat = "1/2" }\n[appel]')
    },
    "other settings": {
        "etude.toml": STUDY["etude.toml"].replace("[appel]", "poids_indicateurs = 3\n"
        'part_marches_clausables = { villes = "1/2" }\nscenario_clauses = "tout"\n[appel]')
    },
    "later years and the ready layer": {
        "etude.toml": STUDY["etude.toml"].replace(
            "annee = 2023", "annee = 2023\ngrands_projets_reference = true"
        ),
        "grands_projets.csv": f"{PROJECTS}a;A;npnru;98901;;01/01/2023;31/12/2023;9;;\n",
    },
    "public tables": {
        "sources/defm.csv": f"{JOB_SEEKERS}2024-T4;01004;;;Brutes;ABC;Total;Total;9\n"
        "2023-T4;01004;;;Brutes;ABC;Total;Total;9\n2024-T4;Total;;;Brutes;ABC;Total;Total;9\n"
        "2024-T4;75056;;;Brutes;ABC;Total;Total;9\n2024-T4;75101;;;Brutes;ABC;Total;Total;s\n"
        "2024-T4;75102;;;Brutes;ABC;Total;Total;9\n2024-T4;99999;;;Brutes;ABC;Total;Total;9\n"
        "2024-T4;01091;;;Brutes;ABC;Total;Total;9\n",
        "sources/zrr.csv": "codgeo;zonage_zrr\n01004;C\n01091;NC\n75056;NC\n01033;?\n",
        "sources/chomage.csv": "ze2020;2024-T4\n0051;7,5\n",
        "sources/notes.csv": "a;b\n1;2\n",
        "sources/siae.csv": "siret;kind;code_postal;departement;longitude;latitude;"
        "geocoding_score\n1;ACI;75001;75;;;\n1;ACI;75001;75;;;\n2;GEIQ;75001;75;;;\n3;EI;75001;01;2,35;48,85;0,5\n"
        "4;EI;75001;75;10;30;0,9\n",
        "sources/esr.csv": "identifiant interne;Libellé;type d'établissement;"
        "secteur d'établissement;Géolocalisation;SIRET;Code commune;Code département;Pays;"
        "date fermeture\n1;A;Université;public;;;01004;D001;France;\n2;B;École;privé;;;;;France;\n"
        "3;C;École;public;;;;D999;Maroc;\n4;;;;;;;;;\n5;D;École;public;;;;;France;2020\n",
        "sources/qp.csv": "code_qp;nom_commune;pop_mun\nQN00101M;Ambérieu-en-Bugey, Valserhône;9\n"
        "QN00102M;Nulle-Part;9\nQN00103M;Valserhône;nd\n",
    },
    "public tables that are refused": {
        "sources/defm.csv": f"{JOB_SEEKERS}2024-T4;01004;;;Brutes;ABC;Femmes;Total;9\n",
        "sources/zrr.csv": "codgeo;zonage_zrr\n01004;C\n01004;NC\n",
        "sources/acv.csv": "codgeo;acv;pvd;ort\n",
        "sources/qp.csv": "code_qp;nom_commune;pop_mun\nQN00101M;Valserhône\n",
        "sources/qpv.geojson": '{"type": "FeatureCollection", "features": [{"type": "Feat',
    },
}  # fmt: skip
"""Sources that are wrong, doubtful or poor → the files of a study that have them."""


@pytest.mark.parametrize("case", SPOILT)
def test_everything_said_of_spoilt_sources_has_its_entry(case: str, tmp_path: Path) -> None:
    messages = told(tmp_path, SPOILT[case])
    assert messages
    assert not [message for message in messages if not explained(message)]


def test_everything_said_of_real_files_has_its_entry() -> None:
    if not SHARED.is_dir():
        pytest.skip("shared data absent")
    files = [path for path in sorted(SHARED.glob("*/*")) if path.stat().st_size < MOST_BYTES]
    sources = [source for path in files if (source := read_source(path, TOY)) is not None]
    assert len(sources) > 10
    for source in sources:
        for notice in (*source.findings.faults, *source.findings.warnings):
            assert explained(notice.message), notice


def test_a_message_that_the_guides_do_not_have_is_found() -> None:
    assert explained("identifiant « A » déjà pris ligne 2")
    assert not explained("identifiant « A » déjà vu")
    assert explained("sans coordonnées : 3 structures")
    assert not explained("sans adresse : 3 structures")


@each_guide
def test_links_of_the_guide_lead_somewhere(guide: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", guide.read_text(encoding="utf-8")):
        name, _, anchor = target.partition("#")
        page = guide.parent / name if name else guide
        assert page.is_file(), target
        titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
        anchors = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
        assert anchor in {"", *anchors}, target
    for page in (ROOT / "README.md", ROOT / "docs/formats.md"):
        assert guide.name in page.read_text(encoding="utf-8")


def test_the_formats_list_every_public_file_that_is_recognised() -> None:
    text = (ROOT / "docs/formats.md").read_text(encoding="utf-8")
    for label in KNOWN_LABELS:
        assert label in text, label
