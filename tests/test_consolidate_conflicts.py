"""`consolider` where dossiers disagree or overlap: settings, contradictions, files, communes."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from region_studies import ALPES, PARIS, TOY, application, contents, folder, joined, told
from toy import STUDY

from data.consolidate.dossiers import labelled, read_dossiers
from data.consolidate.files import copied_files
from data.consolidate.overlaps import Joined, overlaps
from data.consolidate.settings import joined_regions, joined_settings, method_dossier
from data.study.faults import format_faults
from data.study.settings_file import read_settings
from geo.errors import InputErrors

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from data.consolidate.model import Dossier

EMPTY = '{"marches": []}'
BARE = ("etude.toml", "structures.csv", "postes.csv", "perimetres.csv", "besoins.csv")
A = {name: ALPES[name] for name in BARE}
P = {name: PARIS[name] for name in BARE}


def settings_of(text: str, region: str = "11", rest: str = "") -> dict[str, str]:
    head = f'format_version = 1\n[etude]\nnom = "E"\nannee = 2023\nregions = ["{region}"]\n{rest}'
    return {**P, "etude.toml": head + text}


def dossiers(tmp_path: Path, *given: Mapping[str, str]) -> list[Dossier]:
    paths = [folder(tmp_path / f"d{number}", files) for number, files in enumerate(given, start=1)]
    return read_dossiers(labelled(paths), TOY)


def test_settings_that_agree_are_kept_and_read_back(tmp_path: Path) -> None:
    methode = (
        '[methode]\nseuil_reponse = "4/6"\npart_marches_clausables = "1/5"\n'
        'etats_perimetres = ["valide", "conteste"]\nheures_par_etp = 35000\n'
        "besoin_requis_non_couverte = false\n"
        'poids_indicateurs = { demandeurs_emploi = "1/3", "population" = "2/3" }\n'
        "[appel]\nbudget_eur = 1000000.5\n"
    )
    same = methode.replace("4/6", "2/3").replace('"1/5"', '"0.2"')
    both = dossiers(
        tmp_path, settings_of(methode), settings_of(same, "84", "derniere_annee = 2025\n")
    )
    text, part = joined_settings(both, TOY, name='Un « nom » "entre guillemets"')
    assert [notice.column for notice in part.findings.faults] == ["etude.derniere_annee"]
    text, part = joined_settings(both[:1], TOY, name='Un « nom » "entre guillemets"')
    read, found = read_settings(text.encode(), TOY)
    assert not found.faults
    assert read.name == 'Un « nom » "entre guillemets"'
    assert read.parameters == both[0].study.parameters
    assert read.call == both[0].study.call
    assert read.parameters.seuil_reponse == Fraction(2, 3)


def test_settings_that_differ_are_faults_unless_a_dossier_is_named(tmp_path: Path) -> None:
    one = settings_of("[methode]\nheures_par_etp = 30000\n")
    other = settings_of("[methode]\nheures_par_etp = 40000\n[appel]\nbudget_eur = 12\n", "84")
    both = dossiers(tmp_path, one, other)
    _, part = joined_settings(both, TOY, name="")
    faults = {notice.column: notice.message for notice in part.findings.faults}
    assert faults == {
        "methode.heures_par_etp": "réglage différent : 30000 (d1), 40000 (d2)",
        "appel.budget_eur": "réglage différent : (valeur par défaut) (d1), 12 (d2)",
    }
    text, part = joined_settings(both, TOY, name="", method=both[0])
    assert not part.findings.faults
    assert "heures_par_etp = 30000" in text
    assert "budget_eur" not in text
    assert {line.nature for line in part.told} == {"reglage"}
    assert len(part.told) == 2
    away = folder(
        tmp_path / "nation", {"etude.toml": settings_of("[appel]\nbudget_eur = 3\n")["etude.toml"]}
    )
    text, part = joined_settings(both, TOY, name="", method=method_dossier(away, both, TOY))
    assert "heures_par_etp" not in text
    assert "budget_eur = 3" in text
    assert part.told[0].outcome == "valeur de « nation » : (valeur par défaut)"
    assert method_dossier(both[1].folder, both, TOY) is both[1]
    faulty = folder(tmp_path / "faux", {"etude.toml": "format_version = 1\n"})
    with pytest.raises(InputErrors, match=r"faux/etude\.toml"):
        method_dossier(faulty, both, TOY)


def test_years_and_vintages_must_be_the_same(tmp_path: Path) -> None:
    one = settings_of("", rest="millesime_cog = 2025\n")
    two = settings_of("", "84")
    other = {**settings_of("", "94", "millesime_cog = 2026\n")}
    other["etude.toml"] = other["etude.toml"].replace("annee = 2023", "annee = 2024")
    three = dossiers(tmp_path, one, two, other)
    _, part = joined_settings(three, TOY, name="")
    assert {notice.column for notice in part.findings.faults} >= {
        "etude.annee",
        "etude.millesime_cog",
    }
    text, part = joined_settings(three[:2], TOY, name="")
    assert not part.findings.faults
    assert "millesime_cog = 2025" in text


def test_regions_join_and_all_of_them_are_no_limit(tmp_path: Path) -> None:
    every = sorted(set(TOY.members["region"]))
    each = dossiers(tmp_path, *(settings_of("", region) for region in every))
    assert joined_regions(each, TOY) == ()
    assert joined_regions(each[:2], TOY) == tuple(sorted(every[:2]))


def test_every_contradiction_is_told_at_once_and_nothing_is_written(tmp_path: Path) -> None:
    one = {**A, "besoins.csv": A["besoins.csv"] + "75101,etat,1001\n"}
    one["structures.csv"] += "idf,Commune,21590350100017,association,30000,,\n"
    one["perimetres.csv"] += "idf,principal,commune,93066\n"
    two = {**P, "etude.toml": P["etude.toml"].replace("5400000", "5")}
    two["structures.csv"] += "idf,Commune,21590350100017,gip,31000,,\n"
    two["perimetres.csv"] += "idf,extension,commune,93066\n"
    out = tmp_path / "france"
    with pytest.raises(InputErrors) as caught:
        joined(out, folder(tmp_path / "alpes", one), folder(tmp_path / "paris", two))
    places = {(notice.file, notice.column) for notice in caught.value.faults}
    assert places == {
        ("etude.toml", "appel.budget_eur"),
        ("alpes/besoins.csv", "heures"),
        ("alpes/perimetres.csv", "nature"),
        ("alpes/structures.csv", "heures_par_etp"),
        ("alpes/structures.csv", "statut_juridique"),
    }
    assert "→ accordez les deux dossiers" in format_faults(caught.value.faults)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["alpes", "paris"]


def test_what_only_reading_the_whole_tells_is_told_of_the_whole(tmp_path: Path) -> None:
    one = {**A, "besoins.csv": A["besoins.csv"] + "75101,etat,1000\n"}
    two = {**P, "besoins.csv": "commune,donneur_ordre,heures,annee\n75101,etat,1000,2023\n"}
    with pytest.raises(InputErrors) as caught:
        joined(tmp_path / "f", folder(tmp_path / "alpes", one), folder(tmp_path / "paris", two))
    assert {notice.file for notice in caught.value.faults} == {"étude réunie/besoins.csv"}


def test_files_are_copied_once_and_renamed_where_they_clash(tmp_path: Path) -> None:
    public = {"sources/defm.csv": "a;b\n1;2\n", "sources/carte.shp": "x", "sources/carte.dbf": "y"}
    one = {
        **A,
        **public,
        "decp.json": EMPTY,
        "exhaustivite.csv": "donneur_ordre,source\netat,decp.json\n",
    }
    two = {**P, **public, "decp.json": f"{EMPTY} ", "sources/defm.csv": "a;b\n3;4\n"}
    a, b = folder(tmp_path / "alpes", one), folder(tmp_path / "paris", two)
    copies = copied_files(read_dossiers(labelled([a, b]), TOY))
    assert sorted(copies.files) == [
        *("decp-11.json", "decp-84.json", "sources/carte.dbf", "sources/carte.shp"),
        *("sources/defm-11.csv", "sources/defm-84.csv"),
    ]
    assert copies.sources["alpes", "decp.json"] == "decp-84.json"
    natures = sorted((line.nature, line.subject) for line in copies.part.told)
    assert natures == [
        ("doublon", "sources/carte"),
        *(("renommage", name) for name in ("decp.json", "decp.json", *["sources/defm"] * 2)),
    ]
    made = joined(tmp_path / "france", a, b)
    assert made.study.exhaustiveness["source"].tolist() == ["decp-84.json"]
    assert contents(tmp_path / "france")["decp-11.json"] == f"{EMPTY} ".encode()


def test_an_application_filed_twice_is_kept_once(tmp_path: Path) -> None:
    asked = {"candidatures/une.toml": application("reseau", "01004")}
    here = {"candidatures/deux.toml": application("reseau", "01004")}
    near = {**P, "structures.csv": P["structures.csv"] + "reseau,Réseau,,gip,,,\n"}
    a = folder(tmp_path / "alpes", A, also=asked)
    made = joined(tmp_path / "f", a, folder(tmp_path / "paris", near, also=here))
    assert [name for name in contents(tmp_path / "f") if "candidatures" in name] == [
        "candidatures/deux.toml"
    ]
    assert told(made, "doublon", "candidatures")[0].subject == "deux|une"


def test_overlaps_are_counted_by_hand(tmp_path: Path) -> None:
    one = {**A, "perimetres.csv": A["perimetres.csv"] + "reseau,principal,commune,75102\n"}
    two = {**P, "structures.csv": P["structures.csv"].replace("plie", "paris")}
    two["postes.csv"] = P["postes.csv"].replace("plie", "paris").replace("P1", "Q1")
    two["perimetres.csv"] = (
        P["perimetres.csv"].replace("plie", "paris") + "paris,extension,commune,01033\n"
    )
    alpes = folder(
        tmp_path / "alpes", one, also={"candidatures/a.toml": application("reseau", "01004")}
    )
    paris = folder(
        tmp_path / "paris", two, also={"candidatures/p.toml": application("paris", "01004")}
    )
    made = joined(tmp_path / "france", alpes, paris)
    lines = {line.found: line for line in told(made, "recouvrement")}
    assert set(lines) == {
        "« paris » et « reseau » ont l’une et l’autre pour périmètre principal 1 commune "
        "(21\u202f000 habitants)",
        "candidatures « a » et « p », volet facilitateur : elles demandent toutes deux 1 commune "
        "(14\u202f000 habitants)",
        *(
            f"candidature « {name} », volet facilitateur : « plie », qui a un poste aap_2022, a "
            "déjà pour périmètre principal 1 commune (14\u202f000 habitants)"
            for name in "ap"
        ),
    }
    subjects = {line.found[:12]: (line.subject, line.dossiers) for line in lines.values()}
    assert subjects["« paris » et"] == ("75102", ("alpes", "paris"))
    alone = Joined(made.study, (), {"plie": ["x"], "reseau": ["x"], "paris": ["x"]}, {})
    assert overlaps(alone, TOY) == [], "neighbours of one dossier are its own matter"


def test_the_toy_study_twice_is_itself(tmp_path: Path) -> None:
    other = {**STUDY, "etude.toml": STUDY["etude.toml"].replace('"11"', '"84"')}
    a, b = folder(tmp_path / "a", STUDY), folder(tmp_path / "b", other)
    made = joined(tmp_path / "f", a, b)
    assert len(made.study.posts) == 4
    assert len(made.study.needs) == 4
    assert len(made.study.perimeters) == 4
