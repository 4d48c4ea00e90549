"""Damaged studies, from seeds: never a crash, a hang, or a number changed without a word.

A damaged study ends refused (its file named, its line too where one was damaged, with a remedy),
or read with a warning about the file, or read as the sound one, or read as what the file now
plainly says, for nobody can know that 12501 was 12500. A number is *changed in silence* when the
study holds another one than a plain and strict reading of the damaged file (`strict_reading`), or
when that file is not plain and nothing is said.
"""

from __future__ import annotations

import re
import signal
from collections import Counter
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

import pytest
from books import raw_sheet
from effort import tried
from explained import explained
from mutations import FORMS, damaged, sound
from strict_reading import plain_content, same, study_content
from toy import STUDY, toy_territory, write_study

from data.study.reader import read_study
from data.workbooks.sheets import scan_sheet
from geo.errors import InputErrors, Notice

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from mutations import Damage
    from strict_reading import Content

    from coverage.model import Study

DAMAGES = tried(120)
"""Damaged studies of a run; `benchmarks/mutations.py` runs and counts two thousand."""

SLOTS = 20
ENDLESS_S = 120.0
TOY = toy_territory()
CONTAINERS = ("xlsx", "shp", "zip")
"""Forms that may be read in spite of damage around what they say."""

OUTCOMES = ("refused", "warned", "as before", "as written")

INSIDE = re.compile(
    r"\w*(Error|Exception|Warning)\b|Traceback|NoneType|object at 0x|<class|\.py\b|site-packages"
    r"|File \"|\b(the|is not|invalid|unexpected|expected|failed|cannot|codec|must be|range)\b"
)
"""Traces of the inside: names of classes, of modules, words of English libraries."""


@cache
def sound_reading(form: str, folder: Path) -> tuple[Content, frozenset[Notice]]:
    study = read_study(write_study(folder / f"sound {form}", sound(form)), TOY)
    return study_content(study), frozenset(study.warnings)


def about(notice: Notice, file: str) -> bool:
    """Tell whether a finding is about a file: its parts and its sheets included."""
    place = notice.file.partition(",")[0]
    return place.partition(".")[0] == file.partition(".")[0] or file in f"{notice}"


def check_told(notices: Iterable[Notice], folder: Path) -> None:
    """Check that findings are whole, explained in the guide, and show nothing of the inside."""
    for notice in notices:
        words = f"{notice.file} {notice.column} {notice.message} {notice.remedy}"
        assert notice.message, notice
        assert notice.remedy, notice
        assert str(folder) not in words, words
        assert not (found := INSIDE.search(words)), (found, words)
        assert explained(notice.message), f"not in the guide: {notice.message}"


@contextmanager
def ended(damage: Damage) -> Iterator[None]:
    """Stop a reading that would not end, wherever it is in its loop, and tell which."""

    def stop(*_: object) -> None:
        raise AssertionError(f"no end: {damage.form}, {damage.kind}, {damage.file}")

    usual = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, ENDLESS_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, usual)


def outcome(damage: Damage, folder: Path) -> str:
    """Return how a damaged study ends; fail when it ends otherwise."""
    before, usual = sound_reading(damage.form, folder)
    try:
        with ended(damage):
            study = read_study(write_study(folder / "damaged", damage.files), TOY)
    except InputErrors as errors:
        check_told((*errors.faults, *errors.warnings), folder)
        check_refusal(damage, errors)
        return "refused"
    check_told(study.warnings, folder)
    return how_read(damage, study, before, usual)


def check_refusal(damage: Damage, errors: InputErrors) -> None:
    told = [fault for fault in errors.faults if about(fault, damage.file)]
    assert told, f"{damage.file} not named: {errors}"
    if damage.rows:
        lost = [fault for fault in told if fault.column == "structure_id"]  # told where it is used
        assert lost or any(fault.row in damage.rows for fault in told), (damage.rows, told)


def how_read(damage: Damage, study: Study, before: Content, usual: frozenset[Notice]) -> str:
    read = study_content(study)
    new = [each for each in study.warnings if each not in usual and about(each, damage.file)]
    plain = plain_content(damage.files)
    if plain is None:
        container = damage.form in CONTAINERS and same(read, before)
        assert new or container, "not plain, and nothing said"
        return "warned" if new else "as before"
    if same(read, plain):
        return "as before" if same(read, before) else "warned" if new else "as written"
    mended = {"drawn": before["drawn"]}  # a repair is told, and changes nothing else
    assert any(each.column == "geometry" for each in new), f"other than what is written; {new}"
    assert same(read | mended, plain | mended), f"other than what is written; {new}"
    return "warned"


def emptied(folder: Path) -> Path:
    """Return the folder, without the damaged study that it held."""
    for path in (folder / "damaged").glob("*"):
        path.unlink()
    return folder


@pytest.mark.parametrize("form", FORMS)
def test_a_sound_study_is_read_as_it_is_written(form: str, tmp_path: Path) -> None:
    content, _ = sound_reading(form, tmp_path)
    assert same(content, plain_content(sound(form)))


@pytest.mark.parametrize("slot", range(SLOTS))
def test_damaged_studies_are_refused_told_or_read_as_written(slot: int, tmp_path: Path) -> None:
    wrong = {}
    ends = Counter[str]()
    for seed in range(slot, DAMAGES, SLOTS):
        damage = damaged(seed)
        try:
            ends[outcome(damage, emptied(tmp_path))] += 1
        except Exception as error:  # noqa: BLE001 - a crash is what is looked for
            wrong[seed, damage.form, damage.kind, damage.file] = repr(error)
    assert not wrong
    assert set(ends) <= set(OUTCOMES)
    assert ends["refused"] > 0


NEEDS = "commune;donneur_ordre;heures\n01004;etat;{}\n01033;etat;{}"
DOUBTFUL: dict[str, tuple[str, str, int, str]] = {
    "number that ends the file": ("besoins.csv", NEEDS.format("7", "125"), 3, "« 125 », est peut"),
    "empty number that ends the file": (
        "besoins.csv",
        "commune;donneur_ordre;heures;annee\n01004;etat;7;",
        2,
        "vide, est peut",
    ),
    "setting that ends the file": (
        "etude.toml",
        STUDY["etude.toml"].removesuffix("00\n"),
        9,
        "« 54000 », est peut",
    ),
    "decimal comma between commas": (
        "besoins.csv",
        "commune,donneur_ordre,heures,programme,source\n01004,etat,1500,5,,\n",
        2,
        "1 ligne plus longue que les en-têtes",
    ),
    "lost accent": ("besoins.csv", NEEDS.format("7", "8\n#\ufffd") + "\n", 4, "caractère perdu"),
    "points between thousands": (
        "besoins.csv",
        NEEDS.format("7", "12.500") + "\n",
        3,
        "1 nombre avec un point suivi de trois chiffres, « 12.500 » lu 12,5",
    ),
}
"""Files that say a number plainly, and yet may not mean it: file, content, line, warning."""


@pytest.mark.parametrize("case", DOUBTFUL)
def test_a_number_in_doubt_is_read_with_a_warning(case: str, tmp_path: Path) -> None:
    file, content, row, message = DOUBTFUL[case]
    study = read_study(write_study(tmp_path, {**STUDY, file: content}), TOY)
    (warning,) = [each for each in study.warnings if each.file == file and message in str(each)]
    assert warning.row == row
    check_told([warning], tmp_path)


PLAIN: dict[str, tuple[str, str]] = {
    "line break at the end": ("besoins.csv", NEEDS.format("7", "125") + "\n"),
    "quotes at the end": ("besoins.csv", NEEDS.format("7", '"125"')),
    "text at the end": ("besoins.csv", "heures;commune;donneur_ordre\n7;01004;etat"),
    "other decimals in the column": ("besoins.csv", NEEDS.format("7.5", "12.500") + "\n"),
    "excess that the header has": (
        "besoins.csv",
        "commune;donneur_ordre;heures;;\n01004;etat;7;;\n",
    ),
    "text of settings at the end": ("etude.toml", STUDY["etude.toml"].partition("[appel]")[0][:-1]),
}


@pytest.mark.parametrize("case", PLAIN)
def test_a_plain_number_is_read_without_a_word(case: str, tmp_path: Path) -> None:
    file, content = PLAIN[case]
    kept = {name: text for name, text in STUDY.items() if name != "exhaustivite.csv"}
    study = read_study(write_study(tmp_path, {**kept, file: content}), TOY)
    assert {warning.file for warning in study.warnings} == {"exhaustivite.csv"}


ROW = '<row r="{0}"><c r="A{0}" t="s"><v>0</v></c><c r="B{0}"><v>{1}</v></c></row>'
SPOILT: dict[str, str] = {
    "cell twice": ROW.format(1, 5).replace('"B1"', '"A1"'),
    "row twice": ROW.format(1, 5) + ROW.format(1, 6),
    "rows out of order": ROW.format(2, 5) + ROW.format(1, 6),
    "cell of another row": ROW.format(2, 5).replace('"B2"', '"B1"'),
    "cell of another row, beside a formula": ROW.format(2, 5).replace(
        '"B2"><v>', '"B1"><f>1</f><v>'
    ),
    "cell twice, beside a formula": ROW.format(1, 5).replace('"B1"><v>', '"A1"><f>1</f><v>'),
    "no index of a text": ROW.format(1, 5).replace("<v>0<", "<v>'0<"),
    "comment in a number": ROW.format(1, "20<!-- x -->22"),
    "number out of reach": ROW.format(1, "<![CDATA[2022]]>"),
    "escaped number": ROW.format(1, "&#50;022"),
    "two values": ROW.format(1, "20</v><v>22"),
    "value of an inline text": ROW.format(1, 2022).replace('"B1">', '"B1" t="inlineStr">'),
    "value after an inline text": ROW.format(1, 7).replace("<v>0", "<is><t>a</t></is><v>0"),
    "formula after its value": ROW.format(1, "5</v><f>1</f><v>"),
    "no date": ROW.format(1, 5).replace('"B1">', '"B1" t="d">'),
}


@pytest.mark.parametrize("case", SPOILT)
def test_cells_that_no_spreadsheet_writes_are_not_believed(case: str) -> None:
    with pytest.raises(ValueError, match=r"order|not as"):
        scan_sheet(raw_sheet(SPOILT[case]))


@pytest.mark.parametrize("rows", [ROW.format(1, 5), ROW.format(1, 5).replace(' r="1"', "", 1)])
def test_cells_in_order_are_believed(rows: str) -> None:
    scan = scan_sheet(raw_sheet(rows + ROW.format(3, 6)))
    assert (scan.rows, scan.columns, scan.failed) == (3, 2, {})
