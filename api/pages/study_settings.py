"""The settings of a deposit: the name and year of the study, its method, the rules of its call."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from fastapi import APIRouter

from api.facts.setting_fields import setting_groups
from api.pages.register import form_page, led_to
from api.pages.table_rows import ALLOWED, ELSEWHERE, SentAsked
from api.pages.tables import Desk, DeskAsked  # noqa: TC001 - FastAPI reads it at run time
from data.edited.settings import (
    filed_settings,
    known_settings,
    settings_content,
    settings_path,
    with_settings,
)
from data.edited.words import settings_words
from data.store.checks import impersonal_text
from data.store.errors import StaleError
from data.study.settings_file import read_settings
from geo.errors import InputErrors, Notice, OutputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fastapi.responses import HTMLResponse, RedirectResponse


router = APIRouter(prefix="/registre/depots/{depot}/reglages", include_in_schema=False)


@router.get("", response_model=None)
def settings_form(desk: DeskAsked) -> HTMLResponse:
    """Show every setting, and what is wrong in those of the file."""
    content = settings_content(desk.files)
    _, findings = read_settings(content, desk.register.territory)
    return _form(desk, filed_settings(content), findings.faults)


@router.post("", response_model=None, dependencies=ALLOWED)
def save_settings(desk: DeskAsked, sent: SentAsked) -> HTMLResponse | RedirectResponse:
    """Write the settings that changed."""
    content = settings_content(desk.files)
    filed = filed_settings(content)
    typed = {each.key: sent.cells.get(each.key, "") for each in known_settings()}
    new = {key: text for key, text in typed.items() if text != filed.get(key, "")}
    if sent.seen != desk.seen:
        return _form(desk, typed, status=HTTPStatus.CONFLICT)
    if not new:
        return led_to(f"/registre/depots/{desk.deposit.key}")
    try:
        written = with_settings(content, new)
        if faults := _faults(desk, written, new):
            return _form(desk, typed, faults, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        path = settings_path(desk.files)
        desk.deposit.amend({path: written}, settings_words(filed, new), sent.seen)
    except StaleError:
        return _form(desk, typed, status=HTTPStatus.CONFLICT)
    except (InputErrors, OutputError) as refused:
        told = (
            refused.faults
            if isinstance(refused, InputErrors)
            else [Notice("", 0, "", str(refused))]
        )
        return _form(desk, typed, told, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return led_to(f"/registre/depots/{desk.deposit.key}")


def _faults(desk: Desk, written: bytes, new: Mapping[str, str]) -> list[Notice]:
    """Return what is wrong in the settings that change: the others are as they were."""
    _, findings = read_settings(written, desk.register.territory)
    faults = [fault for fault in findings.faults if fault.column in new]
    try:
        impersonal_text(new.get("etude.nom", ""), "etude.nom", empty=True)
    except InputErrors as refused:
        faults += refused.faults
    return faults


def _form(
    desk: Desk,
    typed: Mapping[str, str],
    faults: Iterable[Notice] = (),
    *,
    status: HTTPStatus = HTTPStatus.OK,
) -> HTMLResponse:
    listed = list(faults)
    groups = setting_groups(typed, listed, desk.register.territory)
    fields = [field for _, found in groups for field in found]
    response = form_page(
        "reglages.html",
        "Réglages de l’étude",
        desk=desk,
        groups=groups,
        fields=fields,
        whole=[fault for fault in listed if not any(fault in field.faults for field in fields)],
        refused=status is HTTPStatus.UNPROCESSABLE_ENTITY,
        stale=ELSEWHERE if status is HTTPStatus.CONFLICT else "",
    )
    response.status_code = status
    return response
