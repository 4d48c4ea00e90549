"""What a sheet is made of, whatever it is written in: paragraphs, lists, tables, a picture."""

from __future__ import annotations

from dataclasses import dataclass

from maps.dossiers.printable import shortened

TEXT, NUMBER = "texte", "nombre"
"""Kinds of columns: numbers stand to the right."""


@dataclass(frozen=True)
class Limits:
    """How much of what is long a sheet tells; the rest is counted, never dropped in silence.

    Attributes
    ----------
    signs
        Of a sentence.
    communes, places, findings, files, lines
        Rows of each table or list.
    reasons
        Of each test.
    """

    signs: int
    communes: int
    places: int
    findings: int
    files: int
    lines: int
    reasons: int


FULL = Limits(signs=900, communes=10, places=8, findings=14, files=16, lines=14, reasons=4)
TIGHTER = (
    FULL,
    Limits(signs=700, communes=8, places=5, findings=8, files=8, lines=10, reasons=2),
    Limits(signs=420, communes=6, places=4, findings=6, files=5, lines=6, reasons=1),
    Limits(signs=300, communes=4, places=3, findings=4, files=3, lines=4, reasons=0),
    Limits(signs=180, communes=3, places=2, findings=3, files=2, lines=3, reasons=0),
    Limits(signs=90, communes=2, places=2, findings=2, files=1, lines=2, reasons=0),
)
"""Tried one after the other until a page holds its part of the sheet."""


@dataclass(frozen=True)
class Paragraph:
    """A paragraph.

    Attributes
    ----------
    lead
        First words, stressed; may be empty.
    boxed
        Whether it stands out: the conclusion.
    """

    text: str
    lead: str = ""
    boxed: bool = False
    kind: str = "paragraphe"


@dataclass(frozen=True)
class Items:
    """A list of sentences, each with its first words, which may be empty."""

    items: tuple[tuple[str, str], ...]
    kind: str = "liste"


@dataclass(frozen=True)
class Table:
    """A table whose first column names the rows.

    Attributes
    ----------
    columns
        (heading, one of `TEXT` and `NUMBER`, relative width).
    total
        Whether the last row sums the others.
    summary
        What it tells, for who hears it.
    """

    columns: tuple[tuple[str, str, int], ...]
    rows: tuple[tuple[str, ...], ...]
    summary: str
    total: bool = False
    kind: str = "tableau"


@dataclass(frozen=True)
class Beside:
    """Two tables that stand side by side where there is room."""

    tables: tuple[Table, Table]
    kind: str = "cote_a_cote"


@dataclass(frozen=True)
class Picture:
    """The map: its SVG, and its words for who does not see it."""

    svg: str
    words: str
    kind: str = "image"


Block = Paragraph | Items | Table | Beside | Picture


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it.

    Attributes
    ----------
    page
        1 or 2.
    small
        Whether it is written in smaller letters: where things come from.
    """

    heading: str
    blocks: tuple[Block, ...]
    page: int
    small: bool = False


@dataclass(frozen=True)
class Sheet:
    """A whole sheet.

    Attributes
    ----------
    notices
        What must be read before anything: fictional, without value of decision.
    running
        Foot of the pages.
    """

    title: str
    subtitle: str
    notices: tuple[str, ...]
    sections: tuple[Section, ...]
    running: str


def said(text: str, limits: Limits) -> str:
    """Return a sentence ready to print, cut where it is longer than the sheet allows."""
    return shortened(text, limits.signs)


def name(text: str) -> str:
    """Return the name of something, ready to print in a table or a title."""
    return shortened(text, NAME_SIGNS)


NAME_SIGNS = 70
