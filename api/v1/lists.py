"""How lists are answered: one page, packed once, its neighbours in the headers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from api.answers import send

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fastapi import Request, Response

    from api.answers import Cache
    from api.paging import Paging
    from api.studies import OpenStudy

PAGED: dict[str, Any] = {
    "headers": {
        "X-Total-Count": {
            "description": "nombre d’entrées, toutes pages réunies",
            "schema": {"type": "integer"},
        },
        "Link": {
            "description": "pages première, précédente, suivante et dernière (RFC 8288)",
            "schema": {"type": "string"},
        },
        "ETag": {"description": "empreinte de la réponse", "schema": {"type": "string"}},
    }
}
"""What the description says of the headers of every list."""


def send_page(
    request: Request,
    cache: Cache,
    paging: Paging,
    rows: Sequence[Any],
    make: Callable[[Any], Any],
    *,
    key: tuple[str, ...],
) -> Response:
    """Return the page of a list that a request asks for.

    Parameters
    ----------
    rows
        Everything chosen; only the page's are made.
    make
        Returns what is answered of some rows.
    key
        Of the list in the cache: all that it depends on but the page.
    """
    whole_key = (*key, str(paging.page), str(paging.limit))
    packed = cache.get(whole_key, lambda: orjson.dumps(make(paging.cut(rows))))
    headers = {"X-Total-Count": str(len(rows)), "Link": paging.links(request, len(rows))}
    return send(request, packed, headers=headers)


def send_one(
    request: Request, cache: Cache, make: Callable[[], Any], *, key: tuple[str, ...]
) -> Response:
    """Return one subject, packed once."""
    return send(request, cache.get(key, lambda: orjson.dumps(make())))


def key_of(name: str, study: OpenStudy, *asked: object) -> tuple[str, ...]:
    """Return the key of an answer of a study in the cache."""
    return (name, study.slug, study.version, *(repr(part) for part in asked))
