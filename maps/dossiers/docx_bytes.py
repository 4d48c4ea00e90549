"""Documents to edit: in French, with accessible habits, written the same every time."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import docx
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
"""Fixed, so that the same content gives the same file; it says nothing of when it was made."""

_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_MARGIN_MM = 15


def new_document() -> Document:
    """Return an empty A4 document."""
    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(_MARGIN_MM)
    section.top_margin = section.bottom_margin = Mm(_MARGIN_MM)
    normal: Any = document.styles["Normal"]
    normal.font.size = Pt(10)
    normal.paragraph_format.space_after = Pt(4)
    return document


def heads_repeat(table: Table) -> None:
    """Declare the first row of a table as its heading, repeated on every page."""
    properties = table.rows[0]._tr.get_or_add_trPr()  # noqa: SLF001 - no public way
    properties.append(OxmlElement("w:tblHeader"))
    for row in table.rows:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))  # noqa: SLF001 - same


def describe(table: Table, words: str) -> None:
    """Give a table the words that a screen reader says before it."""
    description = OxmlElement("w:tblDescription")
    description.set(qn("w:val"), words)
    table._tbl.tblPr.append(description)  # noqa: SLF001 - no public way


def docx_bytes(document: Document, *, title: str) -> bytes:
    """Return a document as a file, in French, its properties and times fixed."""
    for language in document.styles.element.iter(qn("w:lang")):
        for kind in ("w:val", "w:eastAsia"):
            language.set(qn(kind), "fr-FR")
    properties = document.core_properties
    properties.title, properties.language = title, "fr-FR"
    properties.author = properties.last_modified_by = "zones-blanches"
    properties.comments = properties.keywords = properties.subject = ""
    properties.created = properties.modified = _EPOCH.replace(tzinfo=None)
    properties.revision = 1
    written = io.BytesIO()
    document.save(written)
    return _same_times(written.getvalue())


def _same_times(content: bytes) -> bytes:
    """Return a zip whose members bear one date."""
    fixed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as given,
        zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as kept,
    ):
        for name in given.namelist():
            member = zipfile.ZipInfo(name, _ZIP_DATE)
            member.compress_type = zipfile.ZIP_DEFLATED
            kept.writestr(member, given.read(name))
    return fixed.getvalue()
