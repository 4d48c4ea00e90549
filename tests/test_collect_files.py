"""Workbooks collected from files to files, as planners and structures do, on the toy territory."""

from __future__ import annotations

import argparse
import csv
import io
import json
import shutil
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toy import STUDY, toy_territory, write_study

from api import cli, collect_command
from data.collect.edit import BACKUP, Lines, edited
from data.collect.files import canonical_text
from data.collect.join import Collection, collect, write_collection
from data.collect.model import Change, Row
from data.collect.report import report
from data.study.faults import format_faults
from data.study.reader import read_study
from data.study.tables import POSTES, TABLES
from data.study.templates import new_study
from data.workbooks.writer import study_workbook
from geo.errors import InputErrors, OutputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TERRITORY = toy_territory()
NORD = {
    "structures": [["nord", "PLIE Nord", "35600000000048"]],
    "postes": [
        ["P-N1", "nord", "Facilitateur", 0.5, "etat|prives", "socle", "01/07/2023"],
        [None, "nord", "facilitateur", 1],
        [None, "nord", "facilitateur", 1],
    ],
    "perimetres": [["nord", None, None, "departement", 1, "valide"]],
    "besoins": [["01033", "etat", 1500.5, None, None, "enquête"]],
}


def workbook(path: Path, sheets: Mapping[str, Sequence[Sequence[object]]]) -> Path:
    """A copy of the empty workbook, filled under the examples as a structure would."""
    book = openpyxl.load_workbook(io.BytesIO(study_workbook()))
    for name, rows in sheets.items():
        for row in rows:
            book[name].append(row)
    book.save(path)
    return path


def toy_rows() -> dict[str, list[dict[str, str]]]:
    return {table.name: list(csv.DictReader(STUDY[table.file].splitlines())) for table in TABLES}


@pytest.fixture(params=["csv", "workbook", "separate"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The toy study in each form that a study may have."""
    folder = write_study(tmp_path / "étude")
    if request.param == "csv":
        return folder
    rows = {table.name: list(csv.DictReader(STUDY[table.file].splitlines())) for table in TABLES}
    for table in TABLES:
        (folder / table.file).unlink()
        if request.param == "separate":
            content = study_workbook(rows, tables=[table])
            (folder / f"{table.name}.xlsx").write_bytes(content)
    if request.param == "workbook":
        (folder / "etude.xlsx").write_bytes(study_workbook(rows))
    return folder


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def joined(folder: Path, *paths: Path) -> Collection:
    collection = collect(folder, paths, TERRITORY)
    write_collection(collection)
    return collection


def test_a_workbook_is_joined_in_the_form_the_study_has_and_once(
    folder: Path, tmp_path: Path
) -> None:
    before, names = read_study(folder, TERRITORY), set(files_of(folder))
    path = workbook(tmp_path / "nord.xlsx", NORD)
    joined(folder, path)
    after = read_study(folder, TERRITORY)
    assert set(files_of(folder)) == names
    assert (len(before.structures), len(after.structures)) == (2, 3)
    assert (len(before.posts), len(after.posts)) == (4, 7)
    added = after.perimeters[after.perimeters["structure_id"] == "nord"]
    assert added[["niveau", "code", "etat"]].to_numpy().tolist() == [
        ["departement", "01", "a_confirmer"]
    ]
    assert after.needs["heures"].sum() == before.needs["heures"].sum() + 1500.5
    written = files_of(folder)
    again = joined(folder, path)
    assert not again.diff.changes
    assert not again.files
    assert files_of(folder) == written


def test_only_what_changes_is_written_and_what_was_is_kept_aside(
    folder: Path, tmp_path: Path
) -> None:
    before = files_of(folder)
    path = workbook(tmp_path / "b.xlsx", {"structures": [["B", "Bêta"]]})
    collection = joined(folder, path)
    changed = {name for name, content in files_of(folder).items() if before[name] != content}
    assert changed == set(collection.files)
    assert len(changed) == 1
    assert files_of(folder / BACKUP) == {name: before[name] for name in changed}
    assert not [path for path in folder.iterdir() if path.name.startswith(".collecte-")]


def test_nothing_is_written_unless_asked(folder: Path, tmp_path: Path) -> None:
    before = files_of(folder)
    assert collect(folder, [workbook(tmp_path / "n.xlsx", NORD)], TERRITORY).files
    assert files_of(folder) == before


def faults(folder: Path, *paths: Path) -> str:
    with pytest.raises(InputErrors) as caught:
        collect(folder, paths, TERRITORY)
    return format_faults(caught.value.faults)


def test_every_fault_of_every_file_is_told_at_once(folder: Path, tmp_path: Path) -> None:
    one = workbook(
        tmp_path / "un.xlsx",
        {
            "structures": [["u", "Un", "35600000000049"]],
            "postes": [["P1", "u", "facilitateurs", 60], ["P2", "zz", "facilitateur", 1]],
            "perimetres": [["u", None, None, "commune", "99999"]],
        },
    )
    two = workbook(tmp_path / "deux.xlsx", {"besoins": [["01004", "etat", "beaucoup"]]})
    text = faults(folder, one, two)
    for part in (
        "un.xlsx, feuille structures",
        "ligne 3, colonne « siret »",
        "ligne 3, colonne « volet »",
        "ligne 3, colonne « etp »",
        "structure « zz » absente",
        "code « 99999 »",
        "deux.xlsx, feuille besoins",
        "colonne « heures »",
    ):
        assert part in text


def test_a_structure_of_another_received_workbook_may_be_named(
    folder: Path, tmp_path: Path
) -> None:
    sud = workbook(
        tmp_path / "sud.xlsx",
        {
            "structures": [["sud", "Sud"]],
            "perimetres": [["nord", None, "extension", "commune", "2A004"]],
        },
    )
    made = collect(folder, [workbook(tmp_path / "nord.xlsx", NORD), sud], TERRITORY).diff
    assert [conflict.reason for conflict in made.conflicts] == ["foreign"]


def test_the_template_itself_brings_no_warning(folder: Path, tmp_path: Path) -> None:
    path = workbook(tmp_path / "b.xlsx", {"structures": [["B", "Bêta"]]})
    assert not collect(folder, [path], TERRITORY).warnings


def test_an_example_row_changed_but_still_marked_is_told(folder: Path, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(io.BytesIO(study_workbook()))
    book["structures"]["B2"] = "Un vrai nom"
    book.save(tmp_path / "x.xlsx")
    (warning,) = collect(folder, [tmp_path / "x.xlsx"], TERRITORY).warnings
    assert warning.file == "x.xlsx, feuille structures"


def test_what_is_no_workbook_of_tables_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"texte")
    book = openpyxl.Workbook()
    book.active.append(["structure_id"])
    book.save(tmp_path / "b.xlsx")
    text = faults(folder, tmp_path / "a.xlsx", tmp_path / "b.xlsx", tmp_path / "absent.xlsx")
    assert "b.xlsx : 1 erreur" in text
    assert "aucune feuille ne porte le nom d’une table" in text
    assert "absent.xlsx : 1 erreur" in text


def test_a_study_with_faults_is_refused_first(folder: Path, tmp_path: Path) -> None:
    for path in folder.iterdir():
        if path.name.startswith(("postes", "etude.xlsx")):
            path.write_bytes(b"x" if path.suffix == ".xlsx" else b"structure_id;volet;etp\nA;x;1\n")
    assert "erreur" in faults(folder, workbook(tmp_path / "n.xlsx", NORD))
    with pytest.raises(InputErrors, match="introuvable"):
        collect(tmp_path / "rien", [], TERRITORY)


def test_needs_that_would_count_twice_once_joined_are_refused(folder: Path, tmp_path: Path) -> None:
    # The study has this need for every year; 2023 is its year.
    path = workbook(tmp_path / "n.xlsx", {"besoins": [["01004", "etat", 3, 2023]]})
    text = faults(folder, path)
    assert "(une fois joint)" in text
    assert "besoin déjà déclaré" in text


def test_same_names_in_two_folders_are_told_apart(folder: Path, tmp_path: Path) -> None:
    paths = []
    for name in ("lille", "lyon"):
        (tmp_path / name).mkdir()
        sheets = {"structures": [[name, name.title()]]}
        paths.append(workbook(tmp_path / name / "etude.xlsx", sheets))
    made = collect(folder, [*paths, paths[0]], TERRITORY).diff
    assert [file for file, _ in made.balance] == ["lille/etude.xlsx", "lyon/etude.xlsx"]


def test_a_file_changed_meanwhile_is_not_overwritten(folder: Path, tmp_path: Path) -> None:
    collection = collect(folder, [workbook(tmp_path / "n.xlsx", NORD)], TERRITORY)
    last = folder / list(collection.files)[-1]
    last.write_bytes(last.read_bytes() + b"\r\n")
    before = files_of(folder)
    with pytest.raises(OutputError, match="a changé pendant la lecture"):
        write_collection(collection)
    assert files_of(folder) == before
    assert not (folder / BACKUP).exists()


def test_a_disk_that_refuses_leaves_the_study_as_it_was(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    collection = collect(folder, [workbook(tmp_path / "n.xlsx", NORD)], TERRITORY)
    before, last = files_of(folder), list(collection.files)[-1]
    replace = Path.replace

    def refuse(self: Path, target: Path) -> Path:
        if target.name == last:
            raise PermissionError(13, "refusé")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OutputError, match="comme avant"):
        write_collection(collection)
    assert files_of(folder) == before
    assert [path.name for path in folder.iterdir() if path.is_dir()] == []


def test_a_study_without_that_table_gets_it_in_its_form(folder: Path, tmp_path: Path) -> None:
    for path in folder.iterdir():
        if path.name.startswith(("besoins", "exhaustivite")):
            path.unlink()
    if (folder / "etude.xlsx").exists():
        book = openpyxl.load_workbook(folder / "etude.xlsx")
        del book["besoins"], book["exhaustivite"]
        book.save(folder / "etude.xlsx")
    joined(folder, workbook(tmp_path / "n.xlsx", {"besoins": NORD["besoins"]}))
    assert read_study(folder, TERRITORY).needs["heures"].tolist() == [1500.5]
    named = "etude.xlsx" if (folder / "etude.xlsx").exists() else "besoins.csv"
    assert named in files_of(folder)


def test_csv_keeps_all_that_is_not_changed(tmp_path: Path) -> None:
    filed = (
        "sep=;\r\nPostes de l’étude;;;;\r\n\r\nNote;poste_id;structure_id;volet;ETP\r\n"
        "# à revoir;;;;\r\nde A;P1;A;facilitateur;0.50\r\n;P2;B;coordinateur;1,0\r\n"
    )
    folder = write_study(tmp_path / "e", {**STUDY, "postes.csv": filed.encode("cp1252")})
    sheets = {
        "structures": [["A", "Alpha"]],
        "postes": [["P1", "A", "facilitateur", 0.75, None, "socle"]],
    }
    # Only these columns: the others of the study stay as they are.
    book = openpyxl.load_workbook(workbook(tmp_path / "a.xlsx", sheets))
    book["structures"].delete_cols(3, 7)
    book.save(tmp_path / "a.xlsx")
    joined(folder, tmp_path / "a.xlsx")
    assert (folder / "postes.csv").read_bytes().decode("cp1252").splitlines() == [
        "sep=;",
        "Postes de l’étude;;;;",
        "",
        "Note;poste_id;structure_id;volet;ETP;financement",
        "# à revoir;;;;;",
        "de A;P1;A;facilitateur;0,75;socle",
        ";P2;B;coordinateur;1,0;",
    ]


def titled(book: openpyxl.Workbook) -> None:
    book["postes"].insert_rows(1)
    book["postes"]["A1"] = "Postes 2023"


def put(book: openpyxl.Workbook, *cells: str) -> None:
    for place, text in zip(cells[::2], cells[1::2], strict=True):
        book["postes"][place] = text


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda book: book.create_sheet("Suivi").append(["relance"]), "feuille « Suivi »"),
        (lambda book: book["postes"].insert_rows(1), None),
        (titled, "au-dessus des en-têtes"),
        (lambda book: put(book, "I1", "avis", "I3", "bon"), "colonne « avis »"),
        (lambda book: put(book, "I3", "bon"), "colonne n° 9"),
    ],
)
def test_a_workbook_that_would_lose_something_is_left_alone(
    harm: Any,  # noqa: ANN401 - a lambda on a workbook
    said: str | None,
    tmp_path: Path,
) -> None:
    new_study(tmp_path / "e")
    path = workbook(tmp_path / "e" / "etude.xlsx", NORD)
    book = openpyxl.load_workbook(path)
    harm(book)
    book.save(path)
    sent = workbook(tmp_path / "s.xlsx", {"structures": [["sud", "Sud"]]})
    if said is None:
        assert collect(tmp_path / "e", [sent], TERRITORY).files
    else:
        assert said in faults(tmp_path / "e", sent)


def test_comments_of_a_workbook_are_kept(tmp_path: Path) -> None:
    new_study(tmp_path / "e")
    path = workbook(tmp_path / "e" / "etude.xlsx", NORD)
    book = openpyxl.load_workbook(path)
    book["postes"].append(["# à revoir en mars", "nord"])
    book.save(path)
    sent = workbook(tmp_path / "s.xlsx", {"structures": [["sud", "Sud"]]})
    assert not joined(tmp_path / "e", sent).warnings
    cells = [row[0].value for row in openpyxl.load_workbook(path)["postes"].iter_rows(min_row=2)]
    assert cells[0].startswith("# EXEMPLE FICTIF")
    assert cells[-1] == "# à revoir en mars"


def test_formulas_that_become_values_are_told(tmp_path: Path) -> None:
    new_study(tmp_path / "e")
    path = workbook(tmp_path / "e" / "etude.xlsx", NORD)
    computed = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(computed, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"<v>0.5</v>", b"<f>1/2</f><v>0.5</v>"))
    path.write_bytes(computed.getvalue())
    sent = workbook(tmp_path / "s.xlsx", {"structures": [["sud", "Sud"]]})
    (warning,) = joined(tmp_path / "e", sent).warnings
    assert "formules remplacées" in warning.message
    kept = openpyxl.load_workbook(tmp_path / "e" / BACKUP / "etude.xlsx")["postes"]["D3"].value
    assert kept == "=1/2"


def test_a_text_that_a_csv_would_make_a_formula_is_told(tmp_path: Path) -> None:
    folder = write_study(tmp_path / "e")
    path = workbook(tmp_path / "s.xlsx", {"structures": [["sud", "@venir"]]})
    (warning,) = collect(folder, [path], TERRITORY).warnings
    assert (warning.file, warning.column) == ("structures.csv", "nom")


@pytest.mark.parametrize("as_csv", [False, True])
def test_from_the_template_to_a_checked_study(as_csv: bool, tmp_path: Path) -> None:  # noqa: FBT001
    new_study(tmp_path / "e", as_csv=as_csv)
    settings_file = tmp_path / "e" / "etude.toml"
    text = settings_file.read_text(encoding="utf-8")
    settings_file.write_text(
        text.replace('nom = ""', 'nom = "E"').replace("# annee", "annee"), encoding="utf-8"
    )
    joined(tmp_path / "e", workbook(tmp_path / "nord.xlsx", NORD))
    study = read_study(tmp_path / "e", TERRITORY)
    assert list(study.structures.index) == ["nord"]
    assert len(study.posts) == 3
    assert study.perimeters["etat"].tolist() == ["a_confirmer"]


@pytest.fixture
def _toy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data.reference.territory.load_territory", lambda **_: TERRITORY)


@pytest.mark.usefixtures("_toy")
def test_the_command_says_what_it_would_do_then_does_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_study(tmp_path / "e")
    words = ["collecter", str(folder), str(workbook(tmp_path / "nord.xlsx", NORD))]
    assert cli.main(words) == 0
    told = capsys.readouterr()
    assert "Essai à blanc, rien n’est écrit" in told.out
    assert "nord.xlsx, postes : 3 lignes lues = 3 ajoutées" in told.out
    assert "1 code réparé" in told.err
    assert cli.main([*words, "--appliquer"]) == 0
    assert "Écrit : structures.csv, postes.csv" in capsys.readouterr().out
    assert cli.main([*words, "--appliquer", "--json"]) == 0
    again = json.loads(capsys.readouterr().out)
    assert again["applique"] is True
    assert again["fichiers"] == []
    assert sum(each["inchangées"] for each in again["bilan"]) == 6


@pytest.mark.usefixtures("_toy")
def test_the_command_writes_nothing_when_workbooks_contradict_each_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_study(tmp_path / "e")
    before = files_of(folder)
    paths = [
        workbook(tmp_path / f"{name}.xlsx", {"structures": [["s", name]]}) for name in ("u", "v")
    ]
    arguments = argparse.Namespace(dossier=folder, fichiers=paths, appliquer=True, json=False)
    assert collect_command.run(arguments) == 1
    told = capsys.readouterr()
    assert "! valeurs différentes" in told.out
    assert "rien n’est écrit" in told.err
    assert files_of(folder) == before
    arguments.appliquer = False
    assert collect_command.run(arguments) == 0
    arguments.json = True
    arguments.appliquer = True
    capsys.readouterr()
    assert collect_command.run(arguments) == 1
    assert json.loads(capsys.readouterr().out)["bloque"] is True


@pytest.mark.usefixtures("_toy")
def test_the_command_says_faults_and_exits_with_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_study(tmp_path / "e")
    assert cli.main(["collecter", str(folder), str(tmp_path / "absent.xlsx")]) == 1
    assert "fichier illisible" in capsys.readouterr().err


def test_the_example_of_the_guide_is_what_is_printed(tmp_path: Path) -> None:
    new_study(tmp_path / "e")
    nord = ["plie-nord", "facilitateur"]
    sud = ["gip-sud", "facilitateur"]
    filed = {
        "structures": [["plie-nord", "PLIE du Nord"], ["gip-sud", "GIP du Sud"]],
        "postes": [["N-1", *nord, 0.5], ["N-2", *nord, 1], ["S-1", *sud, 1]],
        "perimetres": [
            [*nord, "principal", "departement", "01", "valide"],
            [*sud, "principal", "commune", "2A004", "valide"],
        ],
    }
    workbook(tmp_path / "e" / "etude.xlsx", filed)
    from_nord = {
        "structures": [["plie-nord", "PLIE du Nord"]],
        "postes": [
            ["N-1", *nord, 0.8, None, None, None, "30/06/2024"],
            ["N-3", *nord, 1, "etat|bailleurs"],
        ],
        "perimetres": [
            [*nord, "principal", "departement", "01", "valide"],
            [*nord, "extension", "commune", "93066", "valide"],
        ],
        "besoins": [["01033", "etat", 1500, 2023, None, "enquête 2023"]],
    }
    from_sud = {
        "structures": [["gip-sud", "GIP du Sud"]],
        "perimetres": [[*sud, "extension_dotee", "commune", "2A004"]],
    }
    paths = [
        workbook(tmp_path / "plie-nord.xlsx", from_nord),
        workbook(tmp_path / "gip-sud.xlsx", from_sud),
    ]
    guide = Path(__file__).parents[1] / "docs" / "guide-collecte.md"
    printed = report(collect(tmp_path / "e", paths, TERRITORY).diff)
    assert f"```\n{printed}\n```" in guide.read_text(encoding="utf-8")


def test_one_writing_for_one_value() -> None:
    columns = {column.name: column for table in TABLES for column in table.columns}
    for name, writings in {
        "etp": ("0,5", "0.50", "0,500"),
        "heures_par_etp": ("32000", "32 000", "32000,0"),
        "fin": ("01/07/2023", "1/7/2023", "2023-07-01"),
        "donneurs_ordre": ("etat|prives", "PRIVES | etat"),
        "financement": ("aap_2023", "AAP_2023"),
        "siret": ("35600000000048", "356 000 000 00048"),
        "lon": ("0", "-0", "0,0"),
    }.items():
        assert {canonical_text(text, columns[name]) for text in writings} == {writings[0]}
    assert (
        canonical_text("|".join(columns["donneurs_ordre"].choices), columns["donneurs_ordre"]) == ""
    )


CELLS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=5)


@settings(max_examples=100)
@given(data=st.data(), rows=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6))
def test_edited_lines_are_the_old_ones_but_for_the_changes(
    data: st.DataObject, rows: list[tuple[str, str]]
) -> None:
    """Lines of `etp` and of a column that the format does not know."""
    lines = Lines([["titre"], ["etp", "note"], *map(list, rows)], 1)
    spots = st.integers(3, len(rows) + 2)
    gone = data.draw(st.sets(spots))
    changed = data.draw(st.sets(spots)) - gone
    source = Row("recu.xlsx", 3, {})
    old = {line: Row("postes.csv", line, {}) for line in gone | changed}
    changes = [Change("postes", old[line], None, {}) for line in gone]
    changes += [Change("postes", old[line], source, {"etp": "9"}) for line in changed]
    changes.append(Change("postes", None, source, {"etp": "7"}))
    expected = [
        ["9" if line in changed else etp, note]
        for line, (etp, note) in enumerate(rows, start=3)
        if line not in gone
    ]
    made = edited(lines, POSTES, changes)
    assert [list(record) for record in made.records] == [
        ["titre"],
        ["etp", "note"],
        *expected,
        ["7", ""],
    ]


IDS = st.sampled_from(["A", "B", "neuf"])
SHEETS = st.fixed_dictionaries(
    {"structures": st.just([["A", "Alpha"], ["B", "Bêta"], ["neuf", "#1 é;\"'"]])},
    optional={
        "postes": st.lists(
            st.tuples(
                st.sampled_from(["", "P1", "P3"]),
                IDS,
                st.just("facilitateur"),
                st.sampled_from([0.5, "1,25", 2]),
                st.just("etat"),
                st.sampled_from(["", "AAP_2023", "=1", "autre"]),
                st.sampled_from(["", "01/07/2023"]),
            ),
            max_size=4,
        ),
        "perimetres": st.lists(
            st.tuples(
                IDS,
                st.sampled_from(["", "facilitateur"]),
                st.sampled_from(["", "extension"]),
                st.just("commune"),
                st.sampled_from(["01004", "2A004", 1033]),
            ),
            max_size=4,
        ),
        "besoins": st.lists(
            st.tuples(st.sampled_from(["01033", "75056"]), st.just("etat"), st.integers(0, 3)),
            max_size=3,
        ),
    },
)


@pytest.mark.parametrize("as_csv", [False, True])
@settings(max_examples=10, deadline=None)
@given(sheets=SHEETS)
def test_any_files_joined_read_back_and_leave_nothing_to_do(
    as_csv: bool,  # noqa: FBT001
    sheets: dict[str, list[list[object]]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    home = tmp_path_factory.mktemp("etude")
    folder = write_study(home / "e")
    if not as_csv:
        rows = toy_rows()
        for table in TABLES:
            (folder / table.file).unlink()
        (folder / "etude.xlsx").write_bytes(study_workbook(rows))
    texts = {
        name: [
            {column.name: str(cell) for column, cell in zip(table.columns, row, strict=False)}
            for row in sheets[name]
        ]
        for table in TABLES
        if (name := table.name) in sheets
    }
    (home / "recu.xlsx").write_bytes(study_workbook(texts))
    collection = joined(folder, home / "recu.xlsx")
    if not collection.diff.blocked:
        assert not collect(folder, [home / "recu.xlsx"], TERRITORY).diff.changes
        read_study(folder, TERRITORY)
    shutil.rmtree(home)
