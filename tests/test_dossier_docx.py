from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import docx
import pytest
from docx.oxml.ns import qn
from fake_coverage import fake_coverage
from sheet_dossiers import FACILITATOR, bench_of, case_of, dossier_of, saying, words_of

from coverage.dossiers.examine import examine
from maps.dossiers.blocks import Table
from maps.dossiers.content import sheet_of
from maps.dossiers.diagnosis import LINES, SIGNS, diagnosis
from maps.dossiers.sheet_docx import sheet_docx
from maps.dossiers.static_map import map_words

if TYPE_CHECKING:
    from docx.document import Document

    from coverage.dossiers.bench import Bench
    from coverage.dossiers.model import Dossier


@pytest.fixture(scope="module")
def bench() -> Bench:
    return bench_of(fake_coverage(fictional=True))


@pytest.fixture(scope="module")
def whole(bench: Bench) -> Dossier:
    return dossier_of(bench, range(len(bench.coverage.territory)))


@pytest.fixture(scope="module")
def made(bench: Bench, whole: Dossier) -> bytes:
    return sheet_docx(whole, bench)


@pytest.fixture(scope="module")
def opened(made: bytes) -> Document:
    return docx.Document(io.BytesIO(made))


def test_it_says_all_that_the_content_says(opened: Document, bench: Bench, whole: Dossier) -> None:
    written = [paragraph.text for paragraph in opened.paragraphs]
    written += [cell.text for table in opened.tables for row in table.rows for cell in row.cells]
    written.append(opened.sections[0].footer.paragraphs[0].text)
    told = " ".join(" ".join(written).split())
    sheet = sheet_of(whole, bench)
    skipped = {"paragraphe", "liste", "tableau", "image", "cote_a_cote", "texte", "nombre"}
    summaries = {
        block.summary for s in sheet.sections for block in s.blocks if isinstance(block, Table)
    }
    for words in words_of(sheet).split("\n"):
        if words not in skipped | summaries and not words.startswith(("Carte du", "Certificat :")):
            assert " ".join(words.split()) in told


def test_headings_tables_language_and_the_words_of_the_map(
    opened: Document, bench: Bench, whole: Dossier
) -> None:
    sheet = sheet_of(whole, bench)
    styles = [p.style.name for p in opened.paragraphs]
    assert styles[0] == "Title"
    assert styles.count("Heading 1") == len(sheet.sections)
    for table in opened.tables:
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
        assert table._tbl.tblPr.find(qn("w:tblDescription")).get(qn("w:val"))
    (picture,) = opened.inline_shapes
    assert picture._inline.docPr.get("descr") == map_words(whole, FACILITATOR, bench)
    languages = {lang.get(qn("w:val")) for lang in opened.styles.element.iter(qn("w:lang"))}
    assert languages == {"fr-FR"}
    assert opened.core_properties.title == sheet.title


def test_the_same_dossier_gives_the_same_bytes(made: bytes, bench: Bench, whole: Dossier) -> None:
    assert sheet_docx(whole, bench) == made
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert {member.date_time[0] for member in archive.infolist()} == {1980}
    assert not docx.Document(io.BytesIO(made)).core_properties.author.startswith("python")


def test_odd_words_and_no_claim_still_make_a_document(bench: Bench, whole: Dossier) -> None:
    odd = docx.Document(io.BytesIO(sheet_docx(saying(whole, "a\x00\x0b <b>&\ufffe"), bench)))
    assert "<b>&" in " ".join(paragraph.text for paragraph in odd.paragraphs)
    none = docx.Document(io.BytesIO(sheet_docx(dossier_of(bench, ()), bench)))
    assert not none.inline_shapes


@pytest.mark.parametrize("units", [(), (0,), (9,), range(18)])
def test_a_diagnosis_fits_the_box_of_the_form(bench: Bench, units: tuple[int, ...]) -> None:
    lines = diagnosis(dossier_of(bench, units), bench)
    assert 1 <= len(lines) <= LINES
    assert max(map(len, lines)) <= SIGNS


def test_a_diagnosis_keeps_whole_sentences_and_says_what_is_unknown(
    bench: Bench, whole: Dossier
) -> None:
    told = " ".join(" ".join(diagnosis(whole, bench)).split())
    assert told.startswith("Périmètre : 18 communes")
    assert "Besoin inconnu, en tout ou partie, dans 9 communes" in told
    assert "216 000 h d’insertion par an" in told
    assert told.endswith("à relire et à compléter.")
    long = " ".join(diagnosis(saying(whole, "mot " * 300), bench))
    assert "mot mot" not in long
    assert long.endswith("compléter.")


def test_a_diagnosis_counts_what_the_claim_counts(bench: Bench) -> None:
    dossier = examine(case_of(range(3)), bench)
    claim = dossier.claims[FACILITATOR]
    missing = claim.unserved_hours + sum(place.lent_hours for place in claim.places)
    told = "".join(sign for sign in " ".join(diagnosis(dossier, bench)) if not sign.isspace())
    assert f"{claim.need_hours}hd’insertion" in told
    assert f"ilmanque{missing}h" in told
