"""The long tables of pages: the addresses of their orders, of their pages, of their exports."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from api.paging import Paging


@dataclass(frozen=True)
class Listing:
    """A table of a page: what was asked of it, the entries of the page, and its addresses.

    Attributes
    ----------
    path
        Address of the page, without parameters.
    asked
        Parameters of the address, `page` left out.
    order
        Column that orders it, `-` before it for the largest first.
    """

    path: str
    asked: Mapping[str, str]
    order: str
    total: int
    paging: Paging
    entries: Sequence[Any]

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return self.paging.pages(self.total)

    @property
    def first(self) -> int:
        """Rank of the first entry of the page, from 1."""
        return (self.paging.page - 1) * self.paging.limit + 1

    @property
    def last(self) -> int:
        """Rank of the last entry of the page."""
        return min(self.paging.page * self.paging.limit, self.total)

    @property
    def filters(self) -> str:
        """The parameters of an export or an answer of the same selection."""
        kept = {name: value for name, value in self.asked.items() if name != "limite"}
        return f"?{urlencode(kept)}" if kept else ""

    def page(self, number: int) -> str:
        """Return the address of another page of the same table."""
        return self._address({**self.asked, "page": str(number)})

    def sort(self, column: str) -> str:
        """Return the address of the table ordered by a column, the other way when it is already."""
        order = f"-{column}" if self.order == column else column
        return self._address({**self.asked, "tri": order})

    def sorted_by(self, column: str) -> str:
        """Return how a column orders the table, as `aria-sort` says it; empty when it does not."""
        if self.order.removeprefix("-") != column:
            return ""
        return "descending" if self.order.startswith("-") else "ascending"

    def _address(self, asked: Mapping[str, str]) -> str:
        return f"{self.path}?{urlencode(asked)}"


def listing(
    path: str,
    query: Any,  # noqa: ANN401 - one of the dataclasses of `api.facts.selection`
    region: str,
    paging: Paging,
    *,
    order: str,
    total: int,
    entries: Sequence[Any],
) -> Listing:
    """Return a table of a page.

    Parameters
    ----------
    query
        What was asked, as a dataclass of texts.
    order
        That of the table when none is asked.
    """
    asked = {"region": region, **asdict(query)}
    kept = {name: value for name, value in asked.items() if value}
    return Listing(path, kept, query.tri or order, total, paging, entries)
