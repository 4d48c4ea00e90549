"""Sheets whose XML no spreadsheet writes, where the library would lose a value without a word.

It takes the part of a number that follows a comment, the last of two values of a cell, nothing
of a value written as an inline text, the first text of all for an index that is no number. Such a
sheet is refused as a whole: what was meant is not to be guessed.
"""

from __future__ import annotations

import re

_PREFIX = rb"(?:[^\s<>/:]+:)?"
_VALUE = rb"<%bv(?:\s[^>]*[^/>])?>" % _PREFIX
_PATTERNS = (
    # A `>` between quotes: it could hide a cell from what is searched for here.
    re.compile(rb"=\s*(?:\"[^\"<]*>|'[^'<]*>)"),
    # A value that is not one plain text, last in its cell.
    re.compile(rb"%b(?![^<]*</%bv\s*>\s*</%bc\s*>)" % (_VALUE, _PREFIX, _PREFIX)),
    # An inline text that is also, or instead, a value.
    re.compile(rb"</%bis\s*>\s*<%bv[\s/>]" % (_PREFIX, _PREFIX)),
    *(
        re.compile(rb"t=%binlineStr%b[^>/]*>\s*<%bv[\s/>]" % (mark, mark, _PREFIX))
        for mark in (b'"', b"'")
    ),
    # A text that is not given by its number, a date that is none. A pattern that begins with
    # plain bytes is searched for much faster.
    *(
        re.compile(rb"t=%b%b%b[^>]*>\s*%b(?!\s*%b\s*<)" % (mark, kind, mark, _VALUE, written))
        for mark in (b'"', b"'")
        for kind, written in (
            (b"s", rb"[0-9]+"),
            (b"d", rb"[0-9]{4}-[0-9]{2}-[0-9]{2}[0-9:.TZ+-]*"),
        )
    ),
)
_ESCAPED = re.compile(
    rb"<%bc(\s[^>]*)?>\s*(?:<%bf(?:\s[^>]*?)?(?:/>|>[^<]*</%bf\s*>)\s*)?%b[^<&]*&"
    % (_PREFIX, _PREFIX, _PREFIX, _VALUE)
)
_OF_TEXT = re.compile(rb"\st\s*=\s*[\"'](?:str|e)[\"']")


def is_spoilt(xml: bytes) -> bool:
    """Tell whether the XML of a sheet holds a cell that the library would not read as written."""
    if any(pattern.search(xml) for pattern in _PATTERNS):
        return True
    # The digits of a number are never escaped.
    escaped = _ESCAPED.finditer(xml) if b"&" in xml else ()
    return any(not _OF_TEXT.search(cell[1] or b"") for cell in escaped)
