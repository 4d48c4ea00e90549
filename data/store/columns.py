"""Kinds of columns that read the same from both databases: instants in UTC, plain JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import DateTime, Text, TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy import Dialect


def canonical(content: dict[str, Any]) -> str:
    r"""Return a content as one text, the same for equal contents.

    Only ASCII: what one database refuses in a text (the character 0, half a surrogate) stays
    escaped, and comes back as it was.

    >>> canonical({"b": [1, None], "a": "é"})
    '{"a":"\\u00e9","b":[1,null]}'

    Raises
    ------
    ValueError
        When the content would not come back equal: keys that are not texts, tuples, NaN.
    """
    text = json.dumps(content, sort_keys=True, allow_nan=False, separators=(",", ":"))
    if json.loads(text) != content:
        raise ValueError("a content is plain JSON: texts as keys, lists, no tuple")
    return text


class CanonicalJson(TypeDecorator[dict[str, Any]]):
    """An object of plain JSON, kept as text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: dict[str, Any] | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Write the content."""
        return None if value is None else canonical(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> dict[str, Any] | None:  # noqa: ARG002
        """Read the content."""
        if value is None:
            return None
        content: dict[str, Any] = json.loads(value)
        return content


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, in UTC, to the microsecond; SQLite keeps no offset."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Write the instant in UTC.

        Raises
        ------
        ValueError
            When it has no offset: nobody knows when it was.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without offset")
        own = value.astimezone(UTC)
        return own.replace(tzinfo=None) if dialect.name == "sqlite" else own

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Read the instant, aware."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
