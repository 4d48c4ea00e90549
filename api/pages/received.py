"""Workbooks received from structures on a deposit: sent, compared, decided line by line, joined."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from api.background import ABSENT
from api.facts.computing import progress_facts
from api.facts.received import (
    KIND_NAMES,
    count_words,
    in_order,
    remarks,
    report_table,
    table_lines,
    undecided_books,
)
from api.jobs.following import KEEP_ALIVE_SECONDS, REFRESH_SECONDS, followed
from api.pages.deposit_asked import (  # noqa: TC001 - FastAPI reads them at run time
    DepositAsked,
    FormAsked,
    ReceivedAsked,
)
from api.pages.register import form_page, led_to
from data.collect.choices import alike_answers, contradictions, tallies
from data.collect.incoming import MOST_BOOKS, MOST_BYTES
from data.results.tables import csv_text
from data.store.errors import StaleError
from data.uploads.limits import megabytes
from geo.errors import InputErrors, Notice, NotReadyError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from api.deposits.deposit import Deposit
    from api.deposits.received import Comparing, Decided, ReceivedBooks
    from data.collect.apart import Comparison
    from data.collect.items import Item

router = APIRouter(prefix="/registre/depots/{depot}/classeurs", include_in_schema=False)

FIELD = "classeur"
PER_PAGE = 100
"""Lines on a page: a form that is read whole has fewer than a thousand fields."""

_ANSWER = "choix-"
_JOIN = "joindre"
_TABLE, _BOOK = "accepter-table:", "accepter-classeur:"


@router.get("", response_model=None)
def books_page(deposit: DepositAsked, received: ReceivedAsked, page: int = 1) -> Response:
    """Show the workbooks received, and what they would change, to be decided."""
    if deposit.frozen is not None:
        return led_to(f"/registre/depots/{deposit.key}")
    comparing = received.comparing(deposit)
    if comparing.reading.progress.state == ABSENT and received.books(deposit).files:
        comparing.reading.start()
    return _shown(deposit, received, received.decided(deposit), page)


@router.post("", response_model=None)
async def send(request: Request, deposit: DepositAsked, received: ReceivedAsked) -> Response:
    """Receive workbooks.

    Raises
    ------
    InputErrors
        When the form brings no file.
    """
    async with request.form() as form:
        sent = [
            (each.filename, await each.read())
            for each in form.getlist(FIELD)
            if isinstance(each, UploadFile) and each.filename
        ]
    if not sent:
        remedy = "choisir un ou plusieurs classeurs .xlsx, puis les envoyer"
        raise InputErrors([Notice("", 0, "", "aucun fichier n’est joint", remedy)])
    await run_in_threadpool(received.add, deposit, sent)
    return _back(deposit)


@router.post("/retrait", response_model=None)
def withdraw(
    deposit: DepositAsked, received: ReceivedAsked, nom: Annotated[str, Form()]
) -> RedirectResponse:
    """Forget a workbook."""
    received.withdraw(deposit, nom)
    return _back(deposit)


@router.post("/arret", response_model=None)
def stop(deposit: DepositAsked, received: ReceivedAsked) -> RedirectResponse:
    """Stop the comparison."""
    received.comparing(deposit).stop()
    return _back(deposit)


@router.post("/comparaison", response_model=None)
def compare_again(deposit: DepositAsked, received: ReceivedAsked) -> RedirectResponse:
    """Compare again, after a stop."""
    received.comparing(deposit).reading.start()
    return _back(deposit)


@router.get("/evenements", response_model=None)
async def events(deposit: DepositAsked, received: ReceivedAsked) -> StreamingResponse:
    """Tell where the comparison stands at each change, to its end."""
    comparing = await run_in_threadpool(received.comparing, deposit)
    return followed(comparing.reading.watch(KEEP_ALIVE_SECONDS))


@router.post("/choix", response_model=None)
def decide(deposit: DepositAsked, received: ReceivedAsked, form: FormAsked) -> Response:
    """Save the answers of a page; then, as asked, accept what is left of a table, or join.

    Raises
    ------
    NotReadyError
        When the comparison is not at hand.
    """
    seen_deposit = deposit.revision
    comparing = received.comparing(deposit)
    comparison = _compared(comparing)
    texts = {name: text for name, text in form.items() if isinstance(text, str)}
    answers = {
        name.removeprefix(_ANSWER): text for name, text in texts.items() if name.startswith(_ANSWER)
    }
    number, what = _number(texts.get("page", "1")), texts.get("faire", "")
    try:
        _check_known(comparison, answers)
        decided = received.decide(deposit, comparison, answers, _number(texts.get("vu", "0")))
        if alike := _asked_alike(what, comparison, decided):
            decided = received.decide(deposit, comparison, alike, decided.revision)
        if what == _JOIN:
            received.join(deposit, comparison, decided, seen_deposit)
    except StaleError:
        status = HTTPStatus.CONFLICT
        now = received.decided(deposit)
        return _shown(deposit, received, now, number, sent=answers, status=status)
    except (InputErrors, NotReadyError) as error:
        told = error.faults if isinstance(error, InputErrors) else [_notice(error)]
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return _shown(deposit, received, decided, number, faults=told, status=status)
    return _back(deposit, number)


@router.get("/decisions.csv", response_model=None)
def report(deposit: DepositAsked, received: ReceivedAsked) -> Response:
    """Send what was decided of every line.

    Raises
    ------
    NotReadyError
        When the lines to be decided are not known.
    """
    items: list[Item] = []
    if deposit.frozen is None and received.books(deposit).files:
        items = in_order(_compared(received.comparing(deposit)))
    table = report_table(items, received.decided(deposit).choices)
    headers = {
        "Content-Disposition": f'attachment; filename="decisions-{deposit.key[:8]}.csv"',
        "Cache-Control": "private, no-store",
    }
    return Response(csv_text(table, excel=True), media_type="text/csv", headers=headers)


def _shown(
    deposit: Deposit,
    received: ReceivedBooks,
    decided: Decided,
    number: int,
    *,
    sent: Mapping[str, str] | None = None,
    faults: Sequence[Notice] = (),
    status: int = HTTPStatus.OK,
) -> HTMLResponse:
    """Return the page.

    Parameters
    ----------
    sent
        Answers that another tab kept from being saved; shown, beside those that are.
    faults
        Why the lines accepted were not joined.
    """
    books, comparing = received.books(deposit), received.comparing(deposit)
    progress = comparing.reading.progress
    comparison = comparing.reading.result
    content: dict[str, Any] = {}
    if comparison is not None:
        content = _decisions(comparison, decided, number, sent)
    return form_page(
        "depot_classeurs.html",
        "Classeurs reçus",
        status=status,
        deposit=deposit,
        books=books,
        decided=decided,
        progress=progress_facts(progress),
        under_way=progress.under_way,
        refresh=REFRESH_SECONDS,
        comparison=comparison,
        stale=sent is not None,
        faults=faults,
        field=FIELD,
        limits=(MOST_BOOKS, megabytes(MOST_BYTES)),
        **content,
    )


def _decisions(
    comparison: Comparison, decided: Decided, number: int, sent: Mapping[str, str] | None
) -> dict[str, Any]:
    """Return what the page shows of a comparison."""
    choices, items = decided.choices, in_order(comparison)
    pages = max(1, -(-len(items) // PER_PAGE))
    number = min(max(number, 1), pages)
    shown = items[(number - 1) * PER_PAGE : number * PER_PAGE]
    return {
        "items": items,
        "kinds": KIND_NAMES,
        "tables": table_lines(shown, items, choices, sent),
        "number": number,
        "pages": pages,
        "words": count_words(items, choices),
        "tallies": tallies(comparison, choices),
        "remarks": remarks(comparison),
        "contradictions": contradictions(comparison, choices),
        "undecided_books": undecided_books(items, choices),
        "broken": [book for book in comparison.books if book.faults],
        "sound": [book.name for book in comparison.books if not book.faults],
    }


def _compared(comparing: Comparing) -> Comparison:
    comparison = comparing.reading.result
    if comparison is None:
        raise NotReadyError("les classeurs ne sont pas comparés → revenir à la page, attendre")
    return comparison


def _check_known(comparison: Comparison, answers: Mapping[str, str]) -> None:
    """Refuse answers to lines that the study or the workbooks do not have any more."""
    gone = {key for key, text in answers.items() if text} - {each.key for each in comparison.items}
    if gone:
        raise StaleError("des lignes ont changé entre-temps → décider de nouveau", None, {})


def _asked_alike(what: str, comparison: Comparison, decided: Decided) -> dict[str, str]:
    """Return the answers that accept all that is left of a table or of a workbook."""

    def wanted(item: Item) -> bool:
        name = what.partition(":")[2]
        return item.table == name if what.startswith(_TABLE) else name in item.books

    if not what.startswith((_TABLE, _BOOK)):
        return {}
    return alike_answers(filter(wanted, comparison.items), decided.choices, "1")


def _notice(error: Exception) -> Notice:
    message, _, remedy = str(error).partition(" → ")
    return Notice("", 0, "", message, remedy)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < len("1000000") else 0


def _back(deposit: Deposit, number: int = 1) -> RedirectResponse:
    asked = f"?page={number}" if number > 1 else ""
    return led_to(f"/registre/depots/{deposit.key}/classeurs{asked}")
