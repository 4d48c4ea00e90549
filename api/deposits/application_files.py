"""The files of the applications of a deposit: written from drafts, renamed, removed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from api.deposits.application_names import change_words, checked_name, path_of
from coverage.wording import typeset
from data.applications.drafted import known, naming_people
from data.applications.form_labels import name_of
from data.applications.form_writing import write_form
from data.applications.read import read_application
from data.applications.walk import value_at
from data.uploads.names import fold_path
from geo.errors import InputErrors, Notice

if TYPE_CHECKING:
    from api.deposits.applications import Applications, Opened
    from coverage.dossiers.model import Finding


def refusals(asked: Applications, opened: Opened) -> tuple[Notice, ...]:
    """Return what keeps a draft out of the deposit, by dotted key."""
    form, findings = asked.form_of(opened)
    content = write_form(form.values)
    _, found = read_application(content, opened.path, asked.study, asked.territory, asked.call)
    told = {each.place: each for each in reversed(findings)}
    odd = [key for key in form.unread if value_at(form.values, key) is None]
    faults = [_unread(key, told.get(key)) for key in odd]
    faults += naming_people(known(opened.texts), "")
    # What cannot be read is told once, not as lacking besides; nobody sees lines of this file.
    beside = [each for each in found.faults if each.column not in odd]
    return (*faults, *(replace(each, file="", row=0) for each in beside))


def _unread(key: str, told: Finding | None) -> Notice:
    """Return why a box cannot be read, its name left to who shows it."""
    if told is None:
        return Notice("", 0, key, "ce qui est écrit ne se lit pas", "corrigez cette case")
    message = told.message.removeprefix(typeset(f"{name_of(key)} : "))
    return Notice("", 0, key, message, told.remedy)


def put(asked: Applications, opened: Opened) -> bool:
    """Write the file of a draft in the deposit; tell whether anything of it changes.

    Raises
    ------
    InputErrors
        With what keeps it out: nothing is written, the draft stays.
    StaleError, MissingError, BusyError
        As `Deposit.amend`.
    """
    before, after = known(opened.filed), known(opened.texts)
    changes = before != after or not opened.content
    if changes:
        if faults := refusals(asked, opened):
            raise InputErrors(faults)
        content = write_form(asked.form_of(opened)[0].values)
        what = change_words(opened.name, before, after)
        asked.deposit.amend({opened.path: content}, what, asked.seen)
    asked.discard(opened)
    return changes


def rename(asked: Applications, opened: Opened, typed: str) -> str:
    """Give an application another name; return it.

    Raises
    ------
    InputErrors
        When no name can be made of what is typed.
    TakenError
        When another application of the deposit bears it.
    StaleError, MissingError, BusyError
        As `Deposit.amend`.
    """
    name = checked_name(typed)
    if name == opened.name:
        return name
    if fold_path(name) != fold_path(opened.name):
        asked.check_free(name)
    if opened.content:
        what = f"candidature {opened.name} renommée en {name}"
        moved = {path_of(name): opened.content}
        asked.deposit.amend(moved, what, asked.seen, removed=[opened.path])
    asked.renamed(opened, name)
    return name


def remove(asked: Applications, opened: Opened) -> None:
    """Take an application out of the deposit, with its draft.

    Raises
    ------
    StaleError, MissingError, BusyError
        As `Deposit.amend`.
    """
    if opened.content:
        what = f"candidature {opened.name} retirée"
        asked.deposit.amend({}, what, asked.seen, removed=[opened.path])
    asked.discard(opened)
