"""The tables of a deposit, row by row: seen, filtered, with the faults of the last reading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Query

from api.facts.tables import matching, other_faults, row_lines, table_groups
from api.pages.listing import Listing
from api.pages.register import RegisterAsked, actor, form_page
from api.paging import Paging
from data.collect.sheets import has_formulas
from data.edited.change import blockers
from data.edited.filed import filed_tables, place_of
from data.edited.rows import FiledRows, filed_rows
from data.store.errors import MissingError
from data.study.sources_tables import EVERY_TABLE
from geo.errors import InputErrors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi.responses import HTMLResponse

    from api.deposits.deposit import Deposit
    from api.register import Register
    from data.edited.filed import Filing, Held
    from data.study.tables import Table
    from geo.errors import Notice

router = APIRouter(prefix="/registre/depots/{depot}/tables", include_in_schema=False)
of_table = APIRouter(prefix="/registre/depots/{depot}/tables/{table}", include_in_schema=False)

PAGE_ROWS = 50


@dataclass(frozen=True)
class Desk:
    """A deposit whose tables someone changes.

    Attributes
    ----------
    seen
        Revision of the deposit whose files these are.
    faults
        Of the last reading of these files; None when it has not ended.
    """

    register: Register
    deposit: Deposit
    seen: int
    files: Mapping[str, bytes]
    faults: tuple[Notice, ...] | None

    @property
    def address(self) -> str:
        """Of its tables."""
        return f"/registre/depots/{self.deposit.key}/tables"


@dataclass(frozen=True)
class OpenTable:
    """One table of a deposit.

    Attributes
    ----------
    held
        Where it is, None when no file has it.
    rows
        None when no file has it or its header cannot be trusted.
    blocked
        Why its file is not to be written anew.
    """

    desk: Desk
    table: Table
    filing: Filing
    held: Held | None
    rows: FiledRows | None
    blocked: tuple[Notice, ...]

    @property
    def address(self) -> str:
        """Of its page."""
        return f"{self.desk.address}/{self.table.name}"

    @property
    def formulas(self) -> bool:
        """Whether writing its file anew puts values in the place of formulas."""
        path = place_of(self.table, self.desk.files) if self.held is None else self.held.path
        is_book = path.lower().endswith(".xlsx") and path in self.desk.files
        return is_book and not self.blocked and has_formulas(self.desk.files[path])

    @property
    def place(self) -> str:
        """The file that has it, or that it would be begun in."""
        return place_of(self.table, self.desk.files) if self.held is None else self.held.label


def desk_of(register: RegisterAsked, depot: str) -> Desk:
    """Return the deposit that the address names.

    Raises
    ------
    MissingError
        When there is none, or it was frozen.
    InputErrors
        When what was received is refused: nothing of it may be changed.
    """
    deposit = register.deposits.find(depot, actor())
    # Before the files: a change made between both would else be overwritten unseen.
    seen, report = deposit.revision, deposit.checking.result
    brought = deposit.brought
    if brought.accepted.findings.faults:
        raise InputErrors(brought.accepted.findings.faults)
    under_way = deposit.checking.progress.under_way
    faults = None if report is None or under_way else report.faults
    return Desk(register, deposit, seen, brought.files, faults)


DeskAsked = Annotated[Desk, Depends(desk_of)]


def table_of(desk: DeskAsked, table: str) -> OpenTable:
    """Return the table that the address names.

    Raises
    ------
    MissingError
        When the format has none of this name.
    """
    return open_table(desk, table)


def open_table(desk: Desk, name: str) -> OpenTable:
    """Return a table of a deposit, as `table_of`."""
    found = next((each for each in EVERY_TABLE if each.name == name), None)
    if found is None:
        raise MissingError(f"aucune table ne porte ce nom : « {name} »")
    filing = filed_tables(desk.files)
    held = filing.held(found)
    if held is None:
        return OpenTable(desk, found, filing, None, None, ())
    rivals = filing.rivals(found)
    return OpenTable(desk, found, filing, held, filed_rows(held), rivals or blockers(held))


TableAsked = Annotated[OpenTable, Depends(table_of)]


@router.get("", response_model=None)
def tables_page(desk: DeskAsked) -> HTMLResponse:
    """List every table that the study may hold."""
    groups = table_groups(desk.files, desk.faults)
    return form_page("tables.html", "Tables de l’étude", desk=desk, groups=groups)


@of_table.get("", response_model=None)
def rows_page(
    opened: TableAsked,
    cherche: Annotated[str, Query(max_length=200)] = "",
    en_erreur: Annotated[str, Query(max_length=3)] = "",
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    fait: Annotated[int, Query(ge=-1)] = -1,
) -> HTMLResponse:
    """Show the rows of a table, by pages."""
    faults = opened.desk.faults or ()
    lines = [] if opened.rows is None else row_lines(opened.rows, faults)
    kept = matching(lines, cherche, faulty=bool(en_erreur))
    paging = Paging(page, PAGE_ROWS)
    asked = {"cherche": cherche, "en_erreur": en_erreur}
    asked = {name: text for name, text in asked.items() if text}
    listed = Listing(opened.address, asked, "", len(kept), paging, paging.cut(kept))
    done = opened.desk.deposit.changes
    return form_page(
        "table_lignes.html",
        f"Table {opened.table.name}",
        opened=opened,
        listed=listed,
        total=len(lines),
        faulty=sum(line.faulty for line in lines),
        others=[] if opened.rows is None else other_faults(opened.rows, faults),
        done=done[-1] if fait == opened.desk.seen and done else "",
    )


def row_address(opened: OpenTable, line: int, *, done: bool = False) -> str:
    """Return the address of the page of a table that shows a line.

    Parameters
    ----------
    done
        Whether the last change is told there.
    """
    lines = [] if opened.rows is None else [row.line for row in opened.rows.rows]
    # A line that was removed leaves its place to the next one.
    rank = sum(each < line for each in lines)
    page = min(rank, max(len(lines) - 1, 0)) // PAGE_ROWS + 1
    said = f"&fait={opened.desk.seen}" if done else ""
    return f"{opened.address}?page={page}{said}#ligne-{line}"
