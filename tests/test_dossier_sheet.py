from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from effort import tried
from fake_coverage import HOSTILE, fake_coverage
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pdf_tags import reader, tags, text, xmp
from sheet_dossiers import bench_of, case_of, dossier_of, saying, words_of

from coverage.dossiers.digest import digest
from coverage.dossiers.examine import examine
from coverage.dossiers.form import Form
from maps.dossiers.blocks import FULL, TIGHTER, Paragraph
from maps.dossiers.content import FICTIONAL, NO_CLAIM, NO_DECISION, sheet_of
from maps.dossiers.printable import _DRAWN, REPLACED, printable, shortened
from maps.dossiers.sheet import sheet_pdf
from maps.dossiers.typeset import _compiler

if TYPE_CHECKING:
    from coverage.dossiers.bench import Bench
    from coverage.dossiers.model import Dossier
    from maps.dossiers.blocks import Limits, Table

MARKUP = "# *a* _b_ $x$ @ref <lab> \\ #panic() [x] `c` //d = e - f #sys"
ODD = "\x00\x07\ufeff\u202eabc\u202c مرحبا שלום 漢字 😀 \ue000 e\u0301 \ud800".encode(
    "utf-8", "surrogatepass"
).decode("utf-8", "replace")


@pytest.fixture(scope="module")
def bench() -> Bench:
    return bench_of(fake_coverage(fictional=True))


@pytest.fixture(scope="module")
def whole(bench: Bench) -> Dossier:
    return dossier_of(bench, range(len(bench.coverage.territory)))


@pytest.fixture(scope="module")
def made(bench: Bench, whole: Dossier) -> bytes:
    return sheet_pdf(whole, bench)


def test_two_pages_of_pdf_ua_in_french_with_a_title(
    made: bytes, bench: Bench, whole: Dossier
) -> None:
    found = reader(made)
    root = found.trailer["/Root"]
    assert len(found.pages) == 2
    assert [round(float(side)) for side in found.pages[0].mediabox[2:]] == [595, 842]
    assert root["/Lang"].startswith("fr")
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert found.metadata.title == sheet_of(whole, bench).title
    assert "<pdfuaid:part>1</pdfuaid:part>" in xmp(made)


def test_every_font_is_in_the_file(made: bytes) -> None:
    for page in reader(made).pages:
        for font in page["/Resources"]["/Font"].values():
            inner = font.get_object()["/DescendantFonts"][0].get_object()
            assert {"/FontFile2", "/FontFile3"} & set(inner["/FontDescriptor"].get_object())


def test_headings_tables_and_the_map_are_tagged(made: bytes, bench: Bench, whole: Dossier) -> None:
    found = tags(made)
    kinds = [tag.kind for tag in found]
    sheet = sheet_of(whole, bench)
    assert kinds.count("/H1") + kinds.count("/H2") >= len(sheet.sections)
    assert kinds.count("/Table") >= 3
    assert kinds.count("/TH") >= 10
    assert kinds.count("/THead") == kinds.count("/Table")
    (figure,) = [tag for tag in found if tag.kind == "/Figure"]
    assert "18 communes" in figure.alt
    assert "Plie du Centre" in figure.alt
    depths = [tag.depth for tag in found if tag.kind in {"/H1", "/H2"}]
    assert len(set(depths)) == 1


def test_the_text_is_read_in_the_order_of_the_content(
    made: bytes, bench: Bench, whole: Dossier
) -> None:
    read = text(made)
    at = -1
    for section in sheet_of(whole, bench).sections:
        found = read.find(" ".join(section.heading.split()), at + 1)
        assert found > at, section.heading
        at = found


def test_it_says_what_must_be_said(made: bytes, whole: Dossier) -> None:
    read = text(made)
    for said in (FICTIONAL, NO_DECISION, digest(whole), "aaaaaaaaaaaa"):
        assert " ".join(said.split()) in read


def test_the_same_dossier_gives_the_same_bytes(made: bytes) -> None:
    again = bench_of(fake_coverage(fictional=True))
    assert sheet_pdf(dossier_of(again, range(len(again.coverage.territory))), again) == made


@pytest.mark.parametrize("words", [MARKUP, ODD, "mot " * 900, HOSTILE])
def test_any_words_hold_in_two_pages_and_are_no_markup(
    bench: Bench, whole: Dossier, words: str
) -> None:
    found = sheet_pdf(saying(whole, words), bench)
    assert len(reader(found).pages) == 2
    if words == MARKUP:
        assert " ".join(words.split())[:40] in text(found)
    if words == ODD:
        assert REPLACED in text(found)


def test_no_claim_and_no_contour_still_make_a_sheet(bench: Bench) -> None:
    none = sheet_pdf(dossier_of(bench, ()), bench)
    assert " ".join(NO_CLAIM.split()) in text(none)
    codes = bench.coverage.territory.codes.tolist()
    alone = sheet_pdf(dossier_of(bench, [codes.index("02009")]), bench)
    assert "aucune commune demandée n’a de contour" in text(alone).replace("Aucune", "aucune")
    assert len(reader(none).pages) == len(reader(alone).pages) == 2


def test_two_volets_have_each_their_conclusion_and_tests(bench: Bench) -> None:
    read = text(
        sheet_pdf(dossier_of(bench, range(9), volets=("facilitateur", "coordinateur")), bench)
    )
    for volet in ("facilitateur", "coordinateur"):
        assert f"Les trois épreuves, volet {volet}" in read
        assert f"Volet {volet}," in read


def test_the_commune_table_adds_up_whatever_is_shown(bench: Bench, whole: Dossier) -> None:
    claim = whole.claims["facilitateur"]
    for limits in TIGHTER:
        table = _table(whole, bench, limits)
        total = table.rows[-1]
        hours = [[_number(cell) for cell in row[3:6]] for row in table.rows]
        missing = claim.unserved_hours + sum(place.lent_hours for place in claim.places)
        assert hours[-1] == [claim.need_hours, claim.state_hours, missing]
        assert hours[-1] == [sum(column) for column in zip(*hours[:-1], strict=True)]
        assert total[2] == f"{claim.white_communes} sur {len(claim.places)}"
        counts = [1] * min(limits.communes, len(claim.places))
        rest = len(claim.places) - len(counts)
        assert len(table.rows) == len(counts) + bool(rest) + 1
        assert not rest or table.rows[-2][0].startswith(f"{rest} ")


def test_unknown_need_is_never_zero_nor_green(bench: Bench) -> None:
    unmeasured = [row for row, code in enumerate(bench.coverage.territory.codes) if code == "02002"]
    row = _table(dossier_of(bench, unmeasured), bench, FULL).rows[0]
    assert row[1] == "donnée manquante"
    assert row[3:6] == ("inconnu", "inconnu", "inconnu")


def test_the_certificate_can_be_redone_by_hand(bench: Bench, whole: Dossier) -> None:
    section = next(s for s in sheet_of(whole, bench).sections if s.heading.startswith("La preuve"))
    needs, capacities = section.blocks[1].tables
    for table in (needs, capacities):
        lines = [_number(row[1]) for row in table.rows]
        assert lines[-1] == sum(lines[:-1]) > 0
    need, capacity = (_number(table.rows[-1][1]) for table in (needs, capacities))
    check = section.blocks[-1].text
    assert [_number(part) for part in check.split(" h")[:3]][2] == need - capacity


def test_everything_not_conforme_is_told_or_counted(bench: Bench, whole: Dossier) -> None:
    section = next(s for s in sheet_of(whole, bench).sections if "constats" in s.heading)
    lead = section.blocks[0]
    assert isinstance(lead, Paragraph)
    assert lead.lead.startswith(str(len(whole.findings)))
    bad = sum(finding.level != "conforme" for finding in whole.findings)
    assert len(section.blocks[1].items) == min(bad, FULL.findings + 1)


def test_the_digest_changes_with_any_word(whole: Dossier) -> None:
    assert digest(saying(whole, "a")) != digest(saying(whole, "b"))
    assert digest(whole) == digest(whole)


def test_no_free_text_of_the_form_is_printed_however_long(bench: Bench) -> None:
    texts = {
        "porteur": {"responsable": "Camille Inconnue", "contact": {"mail": "c@exemple.invalid"}},
        "etat_des_lieux": {"diagnostic": "confidence " * 50_000},
        "demande": {"etp_facilitateur": 50},
    }
    found = words_of(sheet_of(examine(case_of(range(3), form=Form(texts)), bench), bench))
    assert "0,5 ETP" in found
    for word in ("Camille", "exemple.invalid", "confidence"):
        assert word not in found


@settings(max_examples=tried(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=60), st.integers(2, 40))
def test_printable_keeps_within_its_signs_and_is_settled(words: str, most: int) -> None:
    clean = printable(words)
    assert printable(clean) == clean
    assert "\n" not in clean
    cut = shortened(words, most)
    assert len(cut) <= most
    assert (cut == clean) == (len(clean) <= most) or len(words) > 4 * most


def test_every_sign_kept_can_be_drawn() -> None:
    signs = [printable(chr(code)) for first, last in _DRAWN for code in range(first, last + 1)]
    source = (
        b'#set document(title: "t", date: none)\n'
        b'#set text(lang: "fr", font: "Libertinus Serif")\n#sys.inputs.t'
    )
    told = {"t": " ".join(signs)}
    assert _compiler(source).compile(format="pdf", sys_inputs=told, pdf_standards=["ua-1"])


def _table(dossier: Dossier, bench: Bench, limits: Limits) -> Table:
    sections = sheet_of(dossier, bench, (limits, limits)).sections
    section = next(s for s in sections if s.heading.startswith("Les communes"))
    return section.blocks[1]


def _number(cell: str) -> int:
    digits = "".join(sign for sign in cell if sign.isdigit())
    return int(digits or 0)
