"""`consolider` from folders to a folder: nothing lost, nothing chosen in silence, all told."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from builders import make_study
from region_studies import (
    ALPES,
    PARIS,
    TOY,
    application,
    contents,
    folder,
    joined,
    table,
    told,
    without_person,
)

from api import cli
from coverage.study import compute
from data.consolidate.dossiers import read_whole
from data.consolidate.report import OWN_FILES, TABLE_FILE
from data.consolidate.write import MARK_FILE
from data.drawings.files import read_drawn
from data.study.reader import read_study
from geo.errors import InputErrors, OutputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from coverage.model import Study
    from data.consolidate.join import Consolidation
    from geo.errors import Notice

LITTLE = {
    name: text
    for name, text in ALPES.items()
    if name not in ("services_etat.csv", "financements.csv", "avis.csv", "exhaustivite.csv")
}
SMALL = {name: PARIS[name] for name in LITTLE}
FRAMES = (
    *("structures", "posts", "perimeters", "needs", "exhaustiveness", "indicators"),
    *("regional_totals", "buyers", "services", "funding", "opinions", "awards", "reports"),
)


def facts(study: Study) -> dict[str, pd.DataFrame]:
    """The frames of a study but where their rows stood."""
    frames = {name: getattr(study, name) for name in FRAMES}
    return {
        name: pd.DataFrame(frame.drop(columns=["row", "file"], errors="ignore"))
        for name, frame in frames.items()
        if frame is not None
    }


def same_facts(one: Study, other: Study) -> None:
    mine, theirs = facts(one), facts(other)
    assert mine.keys() == theirs.keys()
    for name, frame in mine.items():
        pd.testing.assert_frame_equal(frame, theirs[name], check_exact=True, obj=name)


def faults(out: Path, *folders: Path, **asked: Path) -> tuple[Notice, ...]:
    with pytest.raises(InputErrors) as caught:
        joined(out, *folders, **asked)
    assert not out.exists()
    assert not [path for path in out.parent.iterdir() if path.name.startswith(f".{out.name}")]
    return caught.value.faults


@dataclass(frozen=True)
class Joined:
    """The two régions and what joining them makes, for tests that only look."""

    alpes: Path
    paris: Path
    out: Path
    made: Consolidation


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Joined:
    root = tmp_path_factory.mktemp("both")
    a = folder(root / "alpes", ALPES, also={"candidatures/demande.toml": application()})
    asked = application(code="93066", etp="1")
    b = folder(root / "paris", PARIS, also={"candidatures/demande.toml": asked})
    return Joined(a, b, root / "france", joined(root / "france", a, b))


@pytest.fixture
def alpes(tmp_path: Path) -> Path:
    return folder(tmp_path / "alpes", LITTLE)


@pytest.fixture
def paris(tmp_path: Path) -> Path:
    return folder(tmp_path / "paris", PARIS)


def test_one_folder_alone_keeps_its_tables_and_its_results(tmp_path: Path) -> None:
    alone = read_study(folder(tmp_path / "seul", ALPES), TOY)
    made = joined(tmp_path / "france", tmp_path / "seul", name=alone.name)
    same_facts(made.study, alone)
    assert made.study.parameters == alone.parameters
    assert made.study.call == alone.call
    before, after = (compute(replace(s, inputs=()), TOY) for s in (alone, made.study))
    assert before.totals == after.totals
    pd.testing.assert_frame_equal(before.communes, after.communes)


def cut(files: Mapping[str, str], homes: Mapping[str, str], region: str) -> dict[str, str]:
    """The rows of a study whose first cell, or second when it is empty, belongs to a région."""
    own = {}
    for name, text in files.items():
        header, *rows = text.splitlines(keepends=True)
        if name == "etude.toml":
            own[name] = text.replace('["84"]', f'["{region}"]')
            continue
        cells = [(row, row.split(",")) for row in rows]
        kept = [row for row, cell in cells if homes[cell[0] or cell[1]] == region]
        own[name] = header + "".join(kept)
    return own


def test_a_study_cut_by_region_comes_back_whole(tmp_path: Path) -> None:
    whole = {
        name: ALPES[name] + PARIS[name].partition("\n")[2].replace("plie", "paris")
        for name in ("structures.csv", "perimetres.csv", "besoins.csv")
    }
    whole["postes.csv"] = (
        ALPES["postes.csv"] + ",reseau,facilitateur,0.5,socle\nP7,paris,facilitateur,2,\n"
    )
    whole["etude.toml"] = ALPES["etude.toml"]
    homes = dict.fromkeys(("plie", "P1", "reseau", "01004", "01033"), "84")
    homes |= dict.fromkeys(("paris", "P7", "75101", "93066"), "11")
    parts = [folder(tmp_path / region, cut(whole, homes, region)) for region in set(homes.values())]
    national = read_study(folder(tmp_path / "nationale", whole), TOY)
    made = joined(tmp_path / "france", *parts)
    same_facts(made.study, national)
    assert made.study.regions == ("11", "84")
    assert told(made, "doublon") == told(made, "renommage") == []


def test_the_order_of_folders_changes_no_byte(tmp_path: Path, both: Joined) -> None:
    joined(tmp_path / "deux", both.paris, both.alpes, both.paris)
    assert contents(both.out) == contents(tmp_path / "deux")


def test_joining_what_was_joined_changes_no_table(tmp_path: Path, both: Joined) -> None:
    assert told(both.made, "retrait"), "once left out, persons are no more to leave out"
    again = joined(tmp_path / "deux", both.out)
    one, two = (
        {name: raw for name, raw in contents(each).items() if name not in OWN_FILES}
        for each in (both.out, tmp_path / "deux")
    )
    assert one == two
    assert {line.nature for line in again.told} <= {"recouvrement"}
    twice = joined(tmp_path / "trois", both.out, both.paris)
    assert told(twice, "cumul", "structures")[0].subject == "11-plie|plie"


def test_one_identifier_for_two_things_is_renamed_wherever_it_stands(both: Joined) -> None:
    made, france = both.made, both.out
    assert [row["structure_id"] for row in table(france / "structures.csv")] == [
        *("11-plie", "84-plie", "reseau")
    ]
    posts = {(row["poste_id"], row["structure_id"]) for row in table(france / "postes.csv")}
    assert posts == {("84-P1", "84-plie"), ("11-P1", "11-plie"), ("", "reseau")}
    services = table(france / "services_etat.csv")
    assert {(row["service_id"], row["structure_id"]) for row in services} == {
        ("84-S1", "84-plie"),
        ("11-S1", "11-plie"),
    }
    assert [row["poste_id"] for row in table(france / "financements.csv")] == ["84-P1"]
    opinions = table(france / "avis.csv")
    assert {row["structure_id"] for row in opinions} == {"84-plie", ""}
    assert {row["option_id"] for row in opinions} == {"", "cand-84-demande-f", "conv-2022-84-P1"}
    assert sorted(path.name for path in (france / "candidatures").iterdir()) == [
        "11-demande.toml",
        "84-demande.toml",
    ]
    text = (france / "candidatures" / "11-demande.toml").read_text(encoding="utf-8")
    assert text == without_person(application("11-plie", "93066", etp="1"))
    assert {line.table for line in told(made, "renommage")} == {
        *("structures", "postes", "services_etat", "candidatures")
    }
    _, applications = read_whole(france, TOY)
    assert {each.structure_id for each in applications} == {"11-plie", "84-plie"}


def test_drawings_follow_their_structure_and_are_kept_once(tmp_path: Path) -> None:
    square = "[[[2.3,48.8],[2.35,48.8],[2.35,48.85],[2.3,48.85],[2.3,48.8]]]"
    turned = "[[[2.35,48.8],[2.35,48.85],[2.3,48.85],[2.3,48.8],[2.35,48.8]]]"
    layer = (
        '{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":'
        '{{"structure_id":"{}"}},"geometry":{{"type":"Polygon","coordinates":{}}}}}]}}'
    )
    shared = "idf,Commune aux deux,35600000000048,,,,\n"
    one = {**LITTLE, "perimetres.geojson": layer.format("plie", square)}
    two = {**SMALL, "perimetres.geojson": layer.format("plie", turned)}
    a, b = folder(tmp_path / "alpes", one), folder(tmp_path / "paris", two)
    made = joined(tmp_path / "france", a, b)
    assert sorted(made.study.drawn["structure_id"]) == ["11-plie", "84-plie"]
    drawn, found = read_drawn(tmp_path / "france" / "perimetres.geojson")
    assert drawn is not None
    assert not found.faults
    one["structures.csv"] = ALPES["structures.csv"].replace("35600000000048", "") + shared
    two["structures.csv"] += shared
    one["perimetres.geojson"] = layer.format("idf", square)
    two["perimetres.geojson"] = layer.format("idf", turned)
    made = joined(tmp_path / "2", folder(tmp_path / "3", one), folder(tmp_path / "4", two))
    assert made.study.drawn["structure_id"].tolist() == ["idf"]
    assert told(made, "doublon", "perimetres (dessins)")


def test_a_declaration_without_limit_stays_within_its_region(both: Joined) -> None:
    made = both.made
    rows = table(both.out / "exhaustivite.csv")
    assert [(row["donneur_ordre"], row["region"]) for row in rows] == [
        ("hopitaux", "84"),
        ("prives", "11"),
    ]
    (limit,) = told(made, "limite")
    assert limit.dossiers == ("alpes",)
    communes = compute(made.study, TOY).communes["classes_inconnues"]
    assert "hopitaux" in communes["93066"]
    assert "hopitaux" not in communes["01004"]


def test_a_declaration_of_several_regions_is_counted(tmp_path: Path, paris: Path) -> None:
    both = {**LITTLE, "etude.toml": ALPES["etude.toml"].replace('["84"]', '["84", "94"]')}
    both["exhaustivite.csv"] = ALPES["exhaustivite.csv"]
    made = joined(tmp_path / "france", folder(tmp_path / "deux", both), paris)
    assert +made.balance["exhaustivite", "deux"] == {"lues": 1, "gardees": 1, "ajoutees": 1}
    assert len(table(tmp_path / "france" / "exhaustivite.csv")) == 3


def test_every_row_read_is_kept_or_repeated(tmp_path: Path, alpes: Path, paris: Path) -> None:
    twin = folder(tmp_path / "copie", {**ALPES, "etude.toml": PARIS["etude.toml"]})
    made = joined(tmp_path / "france", alpes, paris, twin)
    for counts in made.balance.values():
        assert counts["lues"] == counts["gardees"] + counts["doublons"]
    mark = json.loads((tmp_path / "france" / MARK_FILE).read_text(encoding="utf-8"))
    for name, rows in mark["ecrites"].items():
        assert rows == len(table(tmp_path / "france" / f"{name}.csv")), name
    assert told(made, "doublon", "besoins")[0].dossiers == ("alpes", "copie")


def test_faults_of_all_folders_come_at_once_with_their_names(tmp_path: Path) -> None:
    broken = {**ALPES, "besoins.csv": "commune,donneur_ordre,heures\n99999,etat,1\n"}
    a = folder(tmp_path / "alpes", broken)
    b = folder(tmp_path / "paris", {**PARIS, "postes.csv": "structure_id,volet,etp\nx,y,-1\n"})
    found = faults(tmp_path / "france", a, b, tmp_path / "absent")
    assert {notice.file.partition("/")[0] for notice in found} == {"alpes", "paris", "absent"}
    assert len([notice for notice in found if notice.file == "paris/postes.csv"]) == 3


def test_what_is_one_sided_or_left_aside_is_told(tmp_path: Path, both: Joined) -> None:
    silent = {name: text for name, text in PARIS.items() if name != "services_etat.csv"}
    silent["note.docx"] = "?"
    silent["postes.csv"] = "poste_id,structure_id,volet,etp,remarque\nP1,plie,facilitateur,2,oui\n"
    silent["scenarios/enveloppe.toml"] = (
        'format_version = 1\n[scenario]\nnom = "Enveloppe"\ndescription = "essai"\n'
    )
    made = joined(tmp_path / "france", both.alpes, folder(tmp_path / "paris", silent))
    (lack,) = told(made, "inconnu")
    assert (lack.table, lack.dossiers) == ("services_etat", ("paris",))
    aside = {(line.table, line.subject) for line in told(made, "ecarte")}
    assert aside == {("note.docx", ""), ("postes.csv", "remarque"), ("scenarios", "enveloppe")}
    assert [line.subject for line in told(made, "avis")] == ["84-non_couverte-01033"]


def test_the_report_does_not_disturb_reading(both: Joined) -> None:
    warned = {notice.file for notice in read_study(both.out, TOY).warnings}
    assert warned <= {notice.file for notice in both.made.study.warnings}
    said = {name: (both.out / name).read_text(encoding="utf-8-sig") for name in OWN_FILES}
    assert all(line.found in said[TABLE_FILE] for line in both.made.told)
    assert all(line.found.split()[0] in said["LISEZMOI.txt"] for line in both.made.told)
    assert str(both.out.parent) not in "".join(said.values())


def test_an_occupied_folder_is_refused_and_an_untouched_one_replaced(
    tmp_path: Path, alpes: Path, both: Joined
) -> None:
    out = shutil.copytree(both.out, tmp_path / "france")
    joined(out, alpes)
    assert len(table(out / "structures.csv")) == 2
    with (out / "besoins.csv").open("a", encoding="utf-8") as file:
        file.write("97411;etat;3;;;\r\n")
    before = contents(out)
    with pytest.raises(OutputError, match=r"« besoins.csv »"):
        joined(out, alpes)
    assert contents(out) == before
    (tmp_path / "autre").mkdir()
    (tmp_path / "autre" / "notes.txt").write_text("à garder", encoding="utf-8")
    for occupied in (tmp_path / "autre", alpes, alpes / "dedans", tmp_path):
        with pytest.raises(OutputError):
            joined(occupied, alpes)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["alpes", "autre", "france"]


def test_a_failure_on_the_way_leaves_what_was_there(
    tmp_path: Path, alpes: Path, both: Joined, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = shutil.copytree(both.out, tmp_path / "france")
    before = contents(out)

    def full(*_: object) -> None:
        raise OSError(28, "plein")

    monkeypatch.setattr("data.consolidate.join.publish", full)
    with pytest.raises(OutputError, match="disque plein"):
        joined(out, alpes)
    assert contents(out) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["alpes", "france"]


def test_the_command(
    tmp_path: Path,
    alpes: Path,
    paris: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("data.reference.territory.load_territory", lambda **_: TOY)
    out = str(tmp_path / "france")
    assert cli.main(["consolider", str(alpes), str(paris), "-o", out, "--nom", "Essai"]) == 0
    said = capsys.readouterr().out
    assert "« Essai » (2023) : 2 dossiers réunis." in said
    assert "besoins : 4 lignes lues = 4 gardées" in said
    with monkeypatch.context() as made:
        made.setattr("data.consolidate.join.consolidate", lambda *_, **__: None)
        assert cli.main(["consolider", str(alpes), "-o", out, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["dossiers"] == ["alpes", "paris"]
    assert cli.main(["consolider", str(alpes), "-o", str(alpes)]) == 1
    assert "donner un dossier à part" in capsys.readouterr().err
    nobody = ["consolider", str(alpes), "-o", out, "--methode", str(tmp_path / "x")]
    assert cli.main(nobody) == 1
    assert "n’a pas de fichier etude.toml lisible" in capsys.readouterr().err


def test_frames_compared_here_are_all_those_of_tables() -> None:
    told_apart = {"drawn", "contracts", "contracts_aside", "projects"}
    study = make_study([], [])
    frames = {name for name, value in vars(study).items() if hasattr(value, "columns")}
    assert frames - told_apart <= {*FRAMES}
