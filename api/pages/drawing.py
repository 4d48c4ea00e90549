"""Perimeters drawn or corrected on a deposit: on a map or as a text, with what they cover."""

from __future__ import annotations

from fractions import Fraction
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Form, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response  # noqa: TC002 - read by FastAPI

from api.answers import send
from api.dependencies import AnswerCache  # noqa: TC001 - FastAPI reads it at run time
from api.deposits.drawing import (
    ATTRIBUTES,
    STRUCTURE,
    Bench,
    Written,
    bench_of,
    judged,
    saved,
    taken_away,
    written_of,
)
from api.deposits.freezing import regions_of_files
from api.pages.deposit_asked import DepositAsked  # noqa: TC001 - FastAPI reads it at run time
from api.pages.drawing_page import NEW, one_drawing
from api.pages.register import RegisterAsked, form_page, led_to
from coverage.wording import decimal
from data.store.errors import MissingError, StaleError
from geo.crs import geodesic_area_km2
from geo.errors import InputErrors, NotReadyError
from maps.web.mesh import mesh_json

if TYPE_CHECKING:
    from api.deposits.deposit import Deposit
    from data.drawings.editing import Drawing
    from geo.territory import Territory

router = APIRouter(prefix="/registre/depots/{depot}/dessin", include_in_schema=False)

_CHANGED = (
    "entre-temps, ce dépôt a été modifié ; rien n’est enregistré → vérifier ce qui est gardé "
    "ci-dessous, puis enregistrer de nouveau"
)
_MOVED = (
    "entre-temps, ce dessin a été modifié ou retiré ; rien n’est enregistré → ce qui est gardé "
    "ci-dessous sera enregistré comme un nouveau périmètre"
)


def typed(
    structure_id: Annotated[str, Form()] = "",
    volet: Annotated[str, Form()] = "",
    nature: Annotated[str, Form()] = "",
    etat: Annotated[str, Form()] = "",
    contour: Annotated[str, Form()] = "",
) -> Written:
    """Return the drawing that a form brings."""
    texts = {"volet": volet, "nature": nature, "etat": etat}
    return Written({STRUCTURE: structure_id, **texts}, contour)


Which = Annotated[str, Path(pattern=f"^({NEW}|[1-9][0-9]{{0,6}})$")]
Typed = Annotated[Written, Depends(typed)]
Seen = Annotated[int, Form(ge=0)]
Tag = Annotated[str, Form(max_length=64)]


@router.get("", response_model=None)
def drawings_page(deposit: DepositAsked) -> Response:
    """List the drawn perimeters of a deposit."""
    bench = _bench(deposit)
    if bench is None:
        return _to(deposit)
    return form_page(
        "dessins.html",
        "Périmètres dessinés",
        deposit=deposit,
        bench=bench,
        rows=[
            (number, drawing, bench.named(drawing.texts[STRUCTURE]), _area(drawing))
            for number, drawing in enumerate(bench.drawings, 1)
        ],
    )


@router.get("/fond.json", response_model=None)
def ground(
    request: Request, register: RegisterAsked, deposit: DepositAsked, cache: AnswerCache
) -> Response:
    """Return the communes of the régions of a deposit, all of them when it names none."""
    regions = _regions(deposit, register.territory)
    packed = cache.get(("fond du dessin", *regions), lambda: mesh_json(register.territory, regions))
    return send(request, packed, cache_control="private, no-cache")


@router.get("/{lequel}", response_model=None)
def drawing_page(register: RegisterAsked, deposit: DepositAsked, lequel: Which) -> Response:
    """Show a drawing to be corrected, or a new one."""
    bench = _bench(deposit)
    if bench is None:
        return _to(deposit)
    drawing = _drawing(bench, lequel)
    written = Written({STRUCTURE: "", **{c.name: c.default for c in ATTRIBUTES}}, "")
    shown = written if drawing is None else written_of(drawing)
    return one_drawing(register.territory, deposit, bench, drawing, shown)


@router.post("/{lequel}/apercu", response_model=None)
def preview(
    register: RegisterAsked,
    deposit: DepositAsked,
    lequel: Which,
    written: Typed,
    vu: Seen,
    marque: Tag = "",
) -> HTMLResponse:
    """Show what a drawing covers, before it is filed."""
    bench = bench_of(deposit)
    drawing, told = _same(bench, lequel, vu, marque)
    found = judged(written, bench, register.territory)
    return one_drawing(register.territory, deposit, bench, drawing, written, found, told=told)


@router.post("/{lequel}", response_model=None)
def save(
    register: RegisterAsked,
    deposit: DepositAsked,
    lequel: Which,
    written: Typed,
    vu: Seen,
    marque: Tag = "",
) -> Response:
    """File a drawing."""
    bench = bench_of(deposit)
    drawing, told = _same(bench, lequel, vu, marque)
    found = judged(written, bench, register.territory)
    status = HTTPStatus.CONFLICT if told else HTTPStatus.UNPROCESSABLE_ENTITY
    if not told and not found.findings.faults:
        try:
            saved(deposit, bench, drawing, written, found)
            return _to(deposit)
        except InputErrors as error:
            told = " ; ".join(map(str, error.faults))
        except StaleError:
            told, status = _CHANGED, HTTPStatus.CONFLICT
    page = one_drawing(register.territory, deposit, bench, drawing, written, found, told=told)
    page.status_code = status
    return page


@router.get("/{lequel}/retrait", response_model=None)
def removal_page(deposit: DepositAsked, lequel: Which) -> Response:
    """Ask whether a drawing is to be taken away."""
    bench = _bench(deposit)
    if bench is None:
        return _to(deposit)
    drawing = _filed(bench, lequel)
    return form_page(
        "dessin_retrait.html",
        "Retirer un périmètre dessiné",
        deposit=deposit,
        bench=bench,
        number=lequel,
        drawing=drawing,
        structure=bench.named(drawing.texts[STRUCTURE]),
        area=_area(drawing),
    )


@router.post("/{lequel}/retrait", response_model=None)
def remove(deposit: DepositAsked, lequel: Which, vu: Seen, marque: Tag = "") -> RedirectResponse:
    """Take a drawing away.

    Raises
    ------
    StaleError
        When the deposit changed since the question.
    """
    bench = bench_of(deposit)
    drawing, told = _same(bench, lequel, vu, marque)
    if told or drawing is None:
        raise StaleError(told, deposit.changes, {})
    taken_away(deposit, bench, drawing)
    return _to(deposit)


def _to(deposit: Deposit) -> RedirectResponse:
    return led_to(f"/registre/depots/{deposit.key}")


def _bench(deposit: Deposit) -> Bench | None:
    """Return what is drawn in a deposit, None while its own page says where it stands."""
    if deposit.frozen is not None:
        return None
    try:
        return bench_of(deposit)
    except NotReadyError:
        return None


def _drawing(bench: Bench, which: str) -> Drawing | None:
    """Return a drawing by its number, None for a new one.

    Raises
    ------
    MissingError
        When there is none of that number.
    """
    return None if which == NEW else _filed(bench, which)


def _filed(bench: Bench, which: str) -> Drawing:
    if which == NEW or int(which) > len(bench.drawings):
        raise MissingError("ce dépôt n’a pas ce dessin → revenir à la liste des périmètres")
    return bench.drawings[int(which) - 1]


def _same(bench: Bench, which: str, seen: int, tag: str) -> tuple[Drawing | None, str]:
    """Return the drawing that a form was about, and what to say when the deposit changed since."""
    number = 0 if which == NEW else int(which)
    drawing = bench.drawings[number - 1] if 0 < number <= len(bench.drawings) else None
    if number and (drawing is None or drawing.tag != tag):
        return None, _MOVED
    return drawing, "" if seen == bench.revision else _CHANGED


def _regions(deposit: Deposit, territory: Territory) -> tuple[str, ...]:
    known = territory.members["region"]
    return tuple(sorted(set(regions_of_files(deposit.brought.files)) & set(known)))


def _area(drawing: Drawing) -> str:
    """Return the area of a drawing in km², empty when it has no surface to measure."""
    shape = drawing.file.placed[drawing.at]
    return "" if shape is None else decimal(Fraction(float(geodesic_area_km2([shape])[0])), 2)
