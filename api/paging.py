"""Long lists by pages: which one is asked for, and where its neighbours are."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import Request

DEFAULT_LIMIT, MAX_LIMIT = 100, 1000


@dataclass(frozen=True)
class Paging:
    """The page asked for, from 1, and how many entries it holds."""

    page: int
    limit: int

    def cut(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Return the entries of the page."""
        return rows[(self.page - 1) * self.limit : self.page * self.limit]

    def pages(self, count: int) -> int:
        """Return how many pages some entries take, at least one."""
        return max(1, ceil(count / self.limit))

    def links(self, request: Request, count: int) -> str:
        """Return the `Link` header: first, previous, next and last page."""
        last = self.pages(count)
        named = {"first": 1, "prev": self.page - 1, "next": self.page + 1, "last": last}
        return ", ".join(
            f'<{request.url.include_query_params(page=number)}>; rel="{name}"'
            for name, number in named.items()
            if 1 <= number <= last
        )


def paging_of(
    page: Annotated[int, Query(ge=1, le=1_000_000, description="page, à partir de 1")] = 1,
    limite: Annotated[
        int, Query(ge=1, le=MAX_LIMIT, description="entrées par page")
    ] = DEFAULT_LIMIT,
) -> Paging:
    """Return the page asked for."""
    return Paging(page, limite)


PageAsked = Annotated[Paging, Depends(paging_of)]
