"""A saved scenario as the rest of the program takes one, under the rules of its file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import orjson

from coverage.model import InputFile
from data.scenarios.read import RESERVED, RESERVED_NAMES, read_scenario
from data.scenarios.write import scenario_text
from data.store.checks import impersonal_text
from data.store.contents import digest_of
from geo.errors import InputErrors, Notice
from maps.parameter_lines import LABELS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.scenarios.content import Content
    from coverage.proposals.scenario import Scenario

_LONGEST, _LONGEST_NAME = 500, 200
_SETTINGS = ("methode", "appel")


def overlay_of(name: str, content: Content, key: str = "scenario") -> Scenario:
    """Return the scenario that the file of a content would describe.

    Parameters
    ----------
    key
        Short identifier, for columns.

    Raises
    ------
    InputErrors
        All the faults that its file would have.
    """
    text = file_text(name, content)
    found, findings = read_scenario(text.encode(), f"{key}.toml")
    if found is None:
        raise InputErrors(map(_placed, findings.faults))
    digest = digest_of(orjson.dumps(content.plain(), option=orjson.OPT_SORT_KEYS))
    return replace(found, inputs=(InputFile(f"registre : scénario « {name} »", 0, digest),))


def file_text(name: str, content: Content) -> str:
    """Return the file of a content, its modifications left out."""
    return scenario_text(name, content.description, content.tables)


def check(name: str, content: Content) -> None:
    """Refuse a content that could not be computed, or that names someone.

    Raises
    ------
    InputErrors
        All the faults.
    """
    faults = [*_name_faults(name), *_twice(content), *_personal(name, content)]
    try:
        # A name that is missing is told once.
        overlay_of(name.strip() or "-", content)
    except InputErrors as error:
        faults += error.faults
    if faults:
        raise InputErrors(faults)


def _name_faults(name: str) -> Iterator[Notice]:
    if name.strip().casefold() in {*RESERVED_NAMES, *RESERVED}:
        yield Notice("", 0, "", f"nom réservé : « {name} »", "donner un autre nom")


def _twice(content: Content) -> Iterator[Notice]:
    asked = [each.demande for each in content.modifications]
    moved = {each.nom for each in asked if each.action == "parametre"}
    for name in sorted(moved & content.methode.keys()):
        message = f"« {LABELS[name]} » : changé par l’essai et par un réglage"
        yield Notice("", 0, "", message, "garder l’un des deux")


def _personal(name: str, content: Content) -> Iterator[Notice]:
    """Yield what is wrong with the texts that people write."""
    texts = [("nom", name, _LONGEST_NAME), ("description", content.description, _LONGEST)]
    for table in (content.verrous, content.refus):
        texts += [(f"motif de « {option} »", own, _LONGEST) for option, own in table.items()]
    for field, text, longest in texts:
        try:
            # A reason that is missing is a fault of the file, told with the others.
            impersonal_text(text, field, longest=longest, empty=field != "nom")
        except InputErrors as error:
            yield from (replace(each, column="", message=_said(each)) for each in error.faults)


def _said(notice: Notice) -> str:
    return f"« {notice.column} » : {notice.message}" if notice.column else notice.message


def _placed(notice: Notice) -> Notice:
    """Name the field of a fault as pages call it, rather than its line in a file."""
    table, _, key = notice.column.partition(".")
    label = LABELS.get(key, key) if table in _SETTINGS else notice.column
    return Notice("", 0, "", _said(replace(notice, column=label)), notice.remedy)
