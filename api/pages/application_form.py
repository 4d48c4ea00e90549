"""The form of an application, part by part: saved whatever it says, line by line."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from fastapi import APIRouter

from api.dependencies import StudiesServed  # noqa: TC001 - FastAPI reads it at run time
from api.dossiers.drafts import judged
from api.facts.application_form import beside, box_id, boxes_of, parts_of, places_of
from api.facts.applications import left_words, table_of
from api.pages.application import OpenedAsked, finding_words
from api.pages.applications import ApplicationsAsked, address_of
from api.pages.deposit_asked import FormAsked  # noqa: TC001 - FastAPI reads it at run time
from api.pages.register import form_page, led_to
from data.applications.drafted import (
    BOXES,
    LISTS,
    known,
    lines_of,
    mark_of,
    part_of,
    settled,
    with_codes,
    without_line,
)
from data.applications.form import FORM
from data.applications.form_labels import RUBRIQUES, name_of
from data.applications.walk import plain_key
from data.store.errors import MissingError, StaleError

if TYPE_CHECKING:
    from fastapi.responses import HTMLResponse, RedirectResponse

    from api.deposits.applications import Applications, Opened
    from data.applications.drafted import Drafted

router = APIRouter(prefix="/registre/depots/{depot}/candidatures/{nom}", include_in_schema=False)

_BOX = "c-"
"""Before the key of a box in a form, so that no box takes the name of a hidden field."""

_ADD, _REMOVE, _PASTE, _NEXT = "ajouter:", "retirer:", "coller:", "suite"
_PASTED_LEVEL, _PASTED_CODES = "niveau:", "codes:"
_TABLES = tuple(FORM)


@router.get("/{rubrique}", response_model=None)
def part_form(
    asked: ApplicationsAsked, opened: OpenedAsked, studies: StudiesServed, rubrique: str
) -> HTMLResponse:
    """Show one part of the form."""
    return _part(asked, opened, studies, _checked(rubrique))


@router.post("/{rubrique}", response_model=None)
def save(
    asked: ApplicationsAsked,
    opened: OpenedAsked,
    studies: StudiesServed,
    rubrique: str,
    form: FormAsked,
) -> HTMLResponse | RedirectResponse:
    """Save one part of the form, whatever it says; then, as asked, add or remove a line."""
    table = _checked(rubrique)
    sent = {name: text for name, text in form.items() if isinstance(text, str)}
    typed = known(
        {name.removeprefix(_BOX): text for name, text in sent.items() if name.startswith(_BOX)}
    )
    typed, what = part_of(typed, table), sent.get("faire", "")
    if what.startswith(_REMOVE):
        typed = without_line(typed, what.removeprefix(_REMOVE))
    elif what.startswith(_PASTE) and what.removeprefix(_PASTE) in LISTS:
        name = what.removeprefix(_PASTE)
        level, codes = (sent.get(f"{each}{name}", "") for each in (_PASTED_LEVEL, _PASTED_CODES))
        typed = with_codes(typed, name, level, codes)
    else:
        typed = settled(typed)
    try:
        saved = asked.save(opened, table, typed, sent.get("vu", ""))
    except StaleError as stale:
        return _part(asked, opened, studies, table, typed=typed, theirs=stale.theirs)
    return led_to(_after(asked, saved, table, what))


def _after(asked: Applications, saved: Opened, table: str, what: str) -> str:
    """Return where a saved part leads: the next one, or the line to be filled."""
    own = address_of(asked, saved.name)
    if what == _NEXT:
        later = _TABLES[_TABLES.index(table) + 1 :]
        return f"{own}/{later[0]}" if later else own
    name = what.removeprefix(_ADD)
    if what.startswith(_ADD) and name in LISTS:
        first = next(iter(LISTS[name].keys))
        line = lines_of(saved.texts, name) + 1
        return f"{own}/{table}#{box_id(f'{name}[{line}].{first}')}"
    return f"{own}/{table}"


def _checked(table: str) -> str:
    if table not in FORM:
        raise MissingError(f"le formulaire n’a pas de rubrique « {table} » → revenir à sa liste")
    return table


def _part(
    asked: Applications,
    opened: Opened,
    studies: StudiesServed,
    table: str,
    *,
    typed: dict[str, str] | None = None,
    theirs: Drafted | None = None,
) -> HTMLResponse:
    """Return the page of a part of the form.

    Parameters
    ----------
    typed, theirs
        What was not saved, and the draft that was saved meanwhile.
    """
    found = judged(asked, opened, studies)
    now = part_of(known(opened.texts if theirs is None else theirs.texts), table)
    texts = now if typed is None else typed
    own = [each for each in found.findings if table_of(each) == table]
    places = places_of(texts, asked.territory)
    parts = parts_of(table, texts, () if typed is not None else own, places)
    at = _TABLES.index(table)
    return form_page(
        "candidature_rubrique.html",
        RUBRIQUES[table].title,
        status=HTTPStatus.OK if typed is None else HTTPStatus.CONFLICT,
        asked=asked,
        opened=opened,
        table=table,
        text=RUBRIQUES[table].text,
        parts=parts,
        faulty=[box for box in boxes_of(parts) if box.odd],
        whole=beside(parts, own) if typed is None else (),
        mark=mark_of(now),
        left=left_words(own),
        others=_differences(texts, now) if typed is not None else None,
        before=_TABLES[at - 1] if at else "",
        after=_TABLES[at + 1] if at + 1 < len(_TABLES) else "",
        **finding_words(found, asked, opened),
    )


def _differences(mine: dict[str, str], theirs: dict[str, str]) -> list[tuple[str, str]]:
    """Return what was saved meanwhile in the boxes that differ: name and text, in the form's order.

    Both are settled: a box that is empty is not there.
    """
    order = {key: rank for rank, key in enumerate(BOXES)}
    keys = sorted({*mine, *theirs}, key=lambda key: (order[plain_key(key)], key))
    return [(name_of(key), theirs.get(key, "")) for key in keys if mine.get(key) != theirs.get(key)]
