"""A GeoJSON text changed feature by feature: all that does not change keeps its bytes."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

_BLANK = "\ufeff \t\r\n"
_BLANKS = re.compile(f"[{_BLANK}]*")
_DECODER = json.JSONDecoder()


@dataclass(frozen=True)
class Spliced:
    """A GeoJSON text and where its features stand in it.

    Attributes
    ----------
    spans
        Start and end of each feature, in order.
    opening
        Where the list of features begins, after its bracket; -1 when the text is one feature.
    """

    text: str
    spans: tuple[tuple[int, int], ...]
    opening: int

    def feature(self, at: int) -> str:
        """Return the text of a feature."""
        start, end = self.spans[at]
        return self.text[start:end]

    def replaced(self, at: int, feature: str) -> bytes:
        """Return the content with another feature in the place of one."""
        start, end = self.spans[at]
        return _content(self.text[:start], feature, self.text[end:])

    def added(self, feature: str) -> bytes:
        """Return the content with a feature more, the last."""
        if self.opening < 0:
            both = f"{self.text.strip(_BLANK)},\n{feature}"
            return _content('{"type":"FeatureCollection","features":[\n', both, "\n]}\n")
        end = self.spans[-1][1] if self.spans else self.opening
        comma = ",\n" if self.spans else ""
        return _content(self.text[:end], f"{comma}{feature}", self.text[end:])

    def without(self, at: int) -> bytes:
        """Return the content without a feature; there is another."""
        start, end = self.spans[at]
        if at:
            start = self.spans[at - 1][1]
        else:
            end = self.spans[1][0]
        return _content(self.text[:start], "", self.text[end:])


def splice(content: bytes) -> Spliced:
    """Return a GeoJSON that the reader of drawings accepts, ready to be changed.

    Examples
    --------
    >>> made = splice(b'{"type": "FeatureCollection", "features": [ {"a": 1}, {"a": 2} ] }')
    >>> made.feature(1), made.without(0)
    ('{"a": 2}', b'{"type": "FeatureCollection", "features": [ {"a": 2} ] }')
    """
    text = content.decode()
    found = _features_at(text)
    if found < 0:
        start = _past_blanks(text, 0)
        return Spliced(text, ((start, _DECODER.raw_decode(text, start)[1]),), -1)
    spans = []
    at = _past_blanks(text, found)
    while text[at] != "]":
        _, end = _DECODER.raw_decode(text, at)
        spans.append((at, end))
        at = _past_blanks(text, end)
        at = _past_blanks(text, at + 1) if text[at] == "," else at
    return Spliced(text, tuple(spans), found)


def _features_at(text: str) -> int:
    """Return where the features of a collection begin, -1 when the text is one feature."""
    found, kind = -1, ""
    at = _past_blanks(text, _past_blanks(text, 0) + 1)
    while text[at] != "}":
        key, end = _DECODER.raw_decode(text, at)
        start = _past_blanks(text, _past_blanks(text, end) + 1)  # past the colon
        value, end = _DECODER.raw_decode(text, start)
        # The last of a name wins, as for the reader.
        kind = value if key == "type" else kind
        found = start + 1 if key == "features" else found
        at = _past_blanks(text, end)
        at = _past_blanks(text, at + 1) if text[at] == "," else at
    return found if kind == "FeatureCollection" else -1


def _past_blanks(text: str, at: int) -> int:
    blanks = _BLANKS.match(text, at)
    return at if blanks is None else blanks.end()


def _content(*pieces: str) -> bytes:
    return "".join(pieces).encode()
