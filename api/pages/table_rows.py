"""The form of a row of a deposit: added, changed or removed, checked before it is written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Request

from api.access.guards import judge
from api.access.roles import Action
from api.facts.fields import row_fields
from api.facts.tables import proposed_names
from api.pages.register import form_page, led_to, regions_of
from api.pages.tables import DeskAsked, OpenTable, TableAsked, desk_of, open_table, row_address
from data.edited.change import added, changed, removed
from data.edited.check import Typed, row_faults
from data.edited.words import added_words, changed_words, removed_words
from data.store.errors import MissingError, StaleError
from data.study.settings_file import SETTINGS_FILE, read_settings
from geo.errors import InputErrors, Notice, OutputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fastapi.responses import HTMLResponse, RedirectResponse

    from api.pages.tables import Desk
    from data.edited.change import Rewritten
    from data.edited.rows import FiledRow

router = APIRouter(prefix="/registre/depots/{depot}/tables/{table}", include_in_schema=False)

_CELL = "c-"
"""Before the name of a column in a form, so that no column takes the name of a hidden field."""

ELSEWHERE = (
    "Entre-temps, ce dépôt a été modifié ailleurs, dans un autre onglet sans doute. Rien n’est "
    "enregistré ; votre saisie est gardée ci-dessous."
)
_SAME = f"{ELSEWHERE} La ligne, elle, n’a pas changé : vérifier, puis enregistrer de nouveau."
_GONE = (
    f"{ELSEWHERE} La ligne n’est plus telle que vous l’avez vue : elle a été modifiée ou retirée. "
    "Enregistrer l’ajoute comme une nouvelle ligne ; sinon, revenir à la table."
)
_ADDED = f"{ELSEWHERE} Vérifier que la ligne n’est pas déjà dans la table, puis enregistrer."
_KEPT = f"{ELSEWHERE} La ligne n’a pas été retirée."


@dataclass(frozen=True)
class Sent:
    """What a form of a row sends.

    Attributes
    ----------
    seen
        Revision of the deposit that the form was made from; -1 when it does not say.
    mark
        Of the row that the form was made from.
    """

    seen: int
    mark: str
    cells: Mapping[str, str]


async def sent_form(request: Request) -> Sent:
    """Read a form; boxes of one name are the values of one cell."""
    form = await request.form()
    cells: dict[str, str] = {}
    for name, value in form.multi_items():
        if name.startswith(_CELL) and isinstance(value, str):
            text = value.replace("\r\n", "\n").strip()
            column = name.removeprefix(_CELL)
            cells[column] = f"{cells[column]}|{text}" if cells.get(column) else text
    seen = str(form.get("vu", ""))
    return Sent(int(seen) if seen.isdecimal() else -1, str(form.get("marque", "")), cells)


SentAsked = Annotated[Sent, Depends(sent_form)]


def allowed_desk(desk: DeskAsked) -> Desk:
    """Return the deposit, once it is sure that who asks may change its study.

    Raises
    ------
    NotAllowedError
        When the study is of a région that is not theirs.
    """
    slug = desk.deposit.slug
    if slug:
        judge(Action.DEPOSER, regions_of(desk.register.entry(slug)))
    return desk


ALLOWED = [Depends(allowed_desk)]
"""Of every address that changes a deposit by a form."""


@router.get("/ajout", response_model=None)
def new_row_form(opened: TableAsked) -> HTMLResponse:
    """Ask for the cells of a new row."""
    return _form(opened, None, {})


@router.get("/lignes/{ligne}", response_model=None)
def row_form(opened: TableAsked, ligne: int) -> HTMLResponse:
    """Ask for the cells of a row."""
    row = _row(opened, ligne)
    return _form(opened, row, row.cells)


@router.get("/lignes/{ligne}/retrait", response_model=None)
def removal_form(opened: TableAsked, ligne: int) -> HTMLResponse:
    """Ask whether a row is to be removed."""
    return _removal(opened, _row(opened, ligne))


@router.post("/ajout", response_model=None, dependencies=ALLOWED)
def add_row(opened: TableAsked, sent: SentAsked) -> HTMLResponse | RedirectResponse:
    """Add a row."""
    typed = Typed(opened.table, _known(opened, sent))
    if sent.seen != opened.desk.seen:
        return _form(opened, None, typed.cells, stale=_ADDED)
    if faults := _faults(opened, typed):
        return _form(opened, None, typed.cells, faults)
    try:
        made = added(opened.filing, opened.desk.files, opened.table, typed.cells)
        return _amended(opened, made, added_words(opened.table, typed.cells), sent.seen)
    except StaleError:
        return _form(_again(opened), None, typed.cells, stale=_ADDED)
    except (InputErrors, OutputError) as refused:
        return _form(opened, None, typed.cells, _told(refused))


@router.post("/lignes/{ligne}", response_model=None, dependencies=ALLOWED)
def change_row(opened: TableAsked, ligne: int, sent: SentAsked) -> HTMLResponse | RedirectResponse:
    """Change the cells of a row."""
    row = _seen(opened, sent, ligne)
    typed = Typed(opened.table, _known(opened, sent), row)
    if row is None or opened.held is None or sent.seen != opened.desk.seen:
        return _form(opened, row, typed.cells, stale=_SAME if row else _GONE)
    if faults := _faults(opened, typed):
        return _form(opened, row, typed.cells, faults)
    try:
        made = changed(opened.held, row, typed.cells)
        if made is None:
            return led_to(row_address(opened, row.line))
        what = changed_words(opened.table, row, typed.cells)
        return _amended(opened, made, what, sent.seen)
    except StaleError:
        again = _again(opened)
        now = _seen(again, sent, ligne)
        return _form(again, now, typed.cells, stale=_SAME if now else _GONE)
    except (InputErrors, OutputError) as refused:
        return _form(opened, row, typed.cells, _told(refused))


@router.post("/lignes/{ligne}/retrait", response_model=None, dependencies=ALLOWED)
def remove_row(opened: TableAsked, ligne: int, sent: SentAsked) -> HTMLResponse | RedirectResponse:
    """Remove a row."""
    row = _seen(opened, sent, ligne)
    if row is None or opened.held is None or sent.seen != opened.desk.seen:
        return _removal(opened, row, stale=_KEPT)
    try:
        made = removed(opened.held, row)
        return _amended(opened, made, removed_words(opened.table, row), sent.seen, row.line)
    except StaleError:
        again = _again(opened)
        return _removal(again, _seen(again, sent, ligne), stale=_KEPT)
    except (InputErrors, OutputError) as refused:
        return _removal(opened, row, _told(refused))


def _row(opened: OpenTable, line: int) -> FiledRow:
    row = None if opened.rows is None else opened.rows.row(line)
    if row is None:
        raise MissingError(
            f"la table {opened.table.name} n’a pas de ligne {line} → revenir à la table"
        )
    return row


def _seen(opened: OpenTable, sent: Sent, line: int) -> FiledRow | None:
    return None if opened.rows is None else opened.rows.seen(sent.mark, line)


def _again(opened: OpenTable) -> OpenTable:
    """Return the table as it now is, whatever it was when the request came."""
    desk = opened.desk
    return open_table(desk_of(desk.register, desk.deposit.key), opened.table.name)


def _known(opened: OpenTable, sent: Sent) -> dict[str, str]:
    """Return the typed cells of the columns of the format, all of them."""
    return {column.name: sent.cells.get(column.name, "") for column in opened.table.columns}


def _faults(opened: OpenTable, typed: Typed) -> tuple[Notice, ...]:
    files, register = opened.desk.files, opened.desk.register
    settings = next((files[path] for path in files if path.lower() == SETTINGS_FILE), b"")
    year = read_settings(settings, register.territory)[0].year
    return row_faults(typed, opened.filing, register.place_names, year)


def _told(refused: InputErrors | OutputError) -> tuple[Notice, ...]:
    """Return why a file is not written: it bears on no cell of the form."""
    if isinstance(refused, InputErrors):
        return tuple(replace(fault, column="") for fault in refused.faults)
    return (Notice("", 0, "", str(refused)),)


def _amended(
    opened: OpenTable, made: Rewritten, what: str, seen: int, line: int = 0
) -> RedirectResponse:
    """Put a file in the deposit, and lead to the row.

    Parameters
    ----------
    line
        Of a row that was removed.
    """
    opened.desk.deposit.amend({made.path: made.content}, what, seen)
    return led_to(row_address(_again(opened), made.line or line, done=True))


def _form(
    opened: OpenTable,
    row: FiledRow | None,
    cells: Mapping[str, str],
    faults: Iterable[Notice] = (),
    *,
    stale: str = "",
) -> HTMLResponse:
    """Show the form of a row, with what was typed and what is wrong in it."""
    listed = tuple(faults)
    shown = listed or _read_faults(opened, row, cells)
    fields = row_fields(opened.table, cells, shown, proposed_names(opened.table, opened.filing))
    response = form_page(
        "table_ligne.html",
        f"{opened.table.name}, {f'ligne {row.line}' if row else 'nouvelle ligne'}",
        opened=opened,
        row=row,
        fields=fields,
        whole=[fault for fault in shown if not fault.column],
        refused=bool(listed),
        stale=stale,
    )
    response.status_code = _status(stale=bool(stale), refused=bool(listed))
    return response


def _read_faults(
    opened: OpenTable, row: FiledRow | None, cells: Mapping[str, str]
) -> tuple[Notice, ...]:
    """Return what the last reading said of a row, when it is shown as it is filed."""
    if row is None or cells is not row.cells or opened.rows is None:
        return ()
    return tuple(
        fault
        for fault in opened.desk.faults or ()
        if (fault.file, fault.row) == (opened.rows.label, row.line)
    )


def _removal(
    opened: OpenTable, row: FiledRow | None, faults: Iterable[Notice] = (), *, stale: str = ""
) -> HTMLResponse:
    listed = tuple(faults)
    response = form_page(
        "table_retrait.html",
        f"Retirer une ligne de la table {opened.table.name}",
        opened=opened,
        row=row,
        whole=listed,
        stale=stale,
    )
    response.status_code = _status(stale=bool(stale), refused=bool(listed))
    return response


def _status(*, stale: bool, refused: bool) -> HTTPStatus:
    if stale:
        return HTTPStatus.CONFLICT
    return HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK
