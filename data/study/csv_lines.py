"""A CSV file as its lines are written, for those that change to be written alone."""

from __future__ import annotations

import csv
import io
from codecs import BOM_UTF8
from dataclasses import dataclass
from typing import TYPE_CHECKING

from data.study.csv_files import declared_delimiter, sniff_delimiter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.study.tables import Table

_LINE_ENDS = ("\r\n", "\n", "\r")
_USUAL_END = "\r\n"


@dataclass(frozen=True)
class CsvLines:
    """The lines of a CSV file, each as it is written and as its cells.

    Attributes
    ----------
    prefix
        The line that declares the delimiter (`sep=;`), with its end; empty when there is none.
    written
        Text of each record, its line end included: with `prefix`, the whole text of the file.
    records
        Cells of each record; a record is one line of the spreadsheet.
    """

    prefix: str
    delimiter: str
    written: Sequence[str]
    records: Sequence[Sequence[str]]

    @property
    def end(self) -> str:
        """How its lines end."""
        first = self.written[0] if self.written else ""
        return next((each for each in _LINE_ENDS if first.endswith(each)), _USUAL_END)

    def line(self, cells: Sequence[str]) -> str:
        r"""Return a record as this file writes its own.

        >>> CsvLines("", ";", ["a;b\n"], [["a", "b"]]).line(["1;2", ""])
        '"1;2";\n'
        """
        buffer = io.StringIO(newline="")
        csv.writer(buffer, delimiter=self.delimiter, lineterminator=self.end).writerow(cells)
        return buffer.getvalue()

    def joined(self, written: Sequence[str]) -> str:
        """Return lines as one text: only the last may lack its end, as in the file."""
        *others, last = written or [""]
        ended = [each if each.endswith(_LINE_ENDS) else f"{each}{self.end}" for each in others]
        return "".join([*ended, last])


def csv_lines(content: bytes, table: Table) -> CsvLines:
    """Return the lines of a file that `read_csv` could read.

    Raises
    ------
    csv.Error
        When it could not: quotes that do not close.
    """
    text = _plain_text(content)
    declared, body = declared_delimiter(text)
    delimiter = declared or sniff_delimiter(body, table)
    pieces = list(io.StringIO(body, newline=""))
    reader = csv.reader(pieces, delimiter=delimiter, strict=True)
    written, records, at = [], [], 0
    for record in reader:
        records.append(record)
        written.append("".join(pieces[at : reader.line_num]))
        at = reader.line_num
    return CsvLines(text.removesuffix(body), delimiter, written, records)


def csv_bytes(prefix: str, body: str, *, like: bytes) -> bytes:
    """Return a file in the encoding of another one: UTF-8 with BOM when that could not hold it.

    Parameters
    ----------
    prefix
        As `CsvLines.prefix`: not put in a file that becomes UTF-8, that Excel would then misread.
    like
        The other file.
    """
    text = f"{prefix}{body}"
    if like.startswith(BOM_UTF8):
        return BOM_UTF8 + text.encode()
    encoding = "ascii" if like.isascii() else "utf-8" if _is_utf8(like) else "cp1252"
    try:
        content = text.encode(encoding)
    except UnicodeEncodeError:
        return BOM_UTF8 + body.encode()
    # What only Windows-1252 could say may now read as UTF-8 by accident.
    return content if _plain_text(content) == text else BOM_UTF8 + body.encode()


def _plain_text(content: bytes) -> str:
    """Return the text of a file, not composed as `csv_files.decode` does."""
    plain = content.removeprefix(BOM_UTF8)
    return plain.decode() if _is_utf8(plain) else content.decode("cp1252")


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True
