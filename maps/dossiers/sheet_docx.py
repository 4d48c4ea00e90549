"""The sheet of a dossier as a document to edit: the same content as the PDF, no page counted."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm, Pt

from maps.dossiers.blocks import NUMBER, Beside, Items, Paragraph, Picture, Table
from maps.dossiers.content import sheet_of
from maps.dossiers.docx_bytes import describe, docx_bytes, heads_repeat, new_document
from maps.dossiers.typeset import png

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph as Written

    from coverage.dossiers.bench import Bench
    from coverage.dossiers.model import Dossier
    from maps.dossiers.blocks import Block

_WIDTH = Mm(180)
_SMALL = Pt(9)


def sheet_docx(dossier: Dossier, bench: Bench) -> bytes:
    """Return the sheet of a dossier as a DOCX, the same bytes for the same dossier."""
    sheet = sheet_of(dossier, bench)
    document = new_document()
    document.add_paragraph(sheet.title, style="Title")
    document.add_paragraph(sheet.subtitle)
    document.add_paragraph().add_run(" ".join(sheet.notices)).bold = True
    for section in sheet.sections:
        document.add_heading(section.heading, level=1)
        for block in section.blocks:
            _add(document, block)
    footer = document.sections[0].footer.paragraphs[0]
    footer.text = sheet.running
    return docx_bytes(document, title=sheet.title)


def _add(document: Document, block: Block) -> None:
    if isinstance(block, Paragraph):
        _lead(document.add_paragraph(), block.lead, block.text)
    elif isinstance(block, Items):
        for lead, words in block.items:
            _lead(document.add_paragraph(style="List Bullet"), lead, words)
    elif isinstance(block, Table):
        _add_table(document, block)
    elif isinstance(block, Beside):
        for table in block.tables:
            _add_table(document, table)
    else:
        _add_picture(document, block)


def _lead(paragraph: Written, lead: str, words: str) -> None:
    if lead:
        paragraph.add_run(f"{lead} ").bold = True
    paragraph.add_run(words)


def _add_table(document: Document, block: Table) -> None:
    table = document.add_table(rows=1, cols=len(block.columns), style="Table Grid")
    table.autofit = False
    parts = sum(width for _, _, width in block.columns)
    headings = tuple(heading for heading, _, _ in block.columns)
    rows = (headings, *block.rows)
    for number, words in enumerate(rows):
        cells = table.rows[0].cells if number == 0 else table.add_row().cells
        stressed = number == 0 or (block.total and number == len(rows) - 1)
        for cell, text, (_, kind, width) in zip(cells, words, block.columns, strict=True):
            cell.width = int(_WIDTH * width / parts)
            run = cell.paragraphs[0].add_run(text)
            run.bold, run.font.size = stressed, _SMALL
            cell.paragraphs[0].paragraph_format.space_after = Pt(0)
            if kind == NUMBER:
                cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
    heads_repeat(table)
    describe(table, block.summary)
    document.add_paragraph()


def _add_picture(document: Document, block: Picture) -> None:
    shown = document.add_picture(io.BytesIO(png(block.svg)), width=_WIDTH)
    properties: Any = shown._inline.docPr  # noqa: SLF001 - python-docx has no alternative text
    properties.set("descr", block.words)
    properties.set("name", "Carte")
