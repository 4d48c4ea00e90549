"""What is found in a form, told as findings: which box, what is wrong, where, what to do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from coverage.dossiers.model import DISCUSS, INCOMPLETE, Finding
from coverage.wording import typeset
from data.applications.checks import AS_CODES, AS_ETP
from data.applications.fields import AS_KEY, EMPTY_BOX, REQUIRED
from data.applications.form_labels import LABELS, RUBRIQUES, Rubrique, name_of
from data.applications.walk import item_number, plain_key
from data.study.faults import Findings, count

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geo.errors import Notice

RULE = "form"
"""Rule of the findings on the form itself."""

MOST_TOLD = 300
"""Findings shown: beyond, the file is to be done again rather than mended."""

_PLACE_SIGNS = 120
"""Of a key shown: an unknown one may be endless."""

_PARTS = {name: rank for rank, name in enumerate(RUBRIQUES)}
_BOXES = {name: rank for rank, name in enumerate(LABELS)}
_WHOLE = Rubrique(
    "Formulaire de l’appel", "Un dossier est le formulaire de l’appel, rempli case par case."
)


_PLAINER = {
    AS_ETP: "demandez des ETP pour un volet au moins, par exemple 0,5",
    AS_CODES: "ajoutez une ligne par territoire, avec son niveau et son code",
    AS_KEY: "remplissez cette case",
}
"""Remedies for who writes TOML → for who fills boxes."""


def told(found: Findings, file: str) -> tuple[Finding, ...]:
    """Return findings of a reading, each once: what is lacking or unreadable is *à compléter*.

    A warning on a box that is filled is *à discuter*: its value is understood, and doubted.

    Parameters
    ----------
    file
        As notices name it.
    """
    levels = dict.fromkeys(found.warnings, DISCUSS)
    levels |= {notice: INCOMPLETE for notice in found.warnings if notice.message == EMPTY_BOX}
    levels |= dict.fromkeys(found.faults, INCOMPLETE)
    made = [finding(levels[notice], notice, file) for notice in sorted(levels, key=_order)]
    return (*made[:MOST_TOLD], *_others(made[MOST_TOLD:]))


def plainer(found: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return findings whose remedies speak of boxes rather than of TOML."""
    return tuple(replace(each, remedy=_PLAINER.get(each.remedy, each.remedy)) for each in found)


def finding(level: str, notice: Notice, file: str) -> Finding:
    """Return a notice on the form as a finding."""
    rubrique = RUBRIQUES.get(notice.column.partition(".")[0], _WHOLE)
    # The heading names a whole part of the form: its absence alone has to say which.
    alone = notice.column in RUBRIQUES and notice.message not in (EMPTY_BOX, REQUIRED)
    name = "" if alone else name_of(notice.column)
    message = f"{name} : {notice.message}" if name else notice.message
    where = [notice.file.removeprefix(file).lstrip(", ")]
    where += [f"ligne {notice.row}"] if notice.row else []
    place = ", ".join(part for part in where if part)
    return Finding(
        level=level,
        rule=RULE,
        heading=rubrique.title,
        text=rubrique.text,
        place=notice.column[:_PLACE_SIGNS],
        message=typeset(f"{message} ({place})" if place else message),
        remedy=typeset(notice.remedy),
    )


def _order(notice: Notice) -> tuple[int, int, int, int, Notice]:
    """Return where a notice comes: as the form goes, then by line."""
    key = plain_key(notice.column)
    part = _PARTS.get(key.partition(".")[0], -1)
    return part, notice.row, _BOXES.get(key, -1), item_number(notice.column), notice


def _others(hidden: Iterable[Finding]) -> list[Finding]:
    number = len(list(hidden))
    if not number:
        return []
    message = f"{count(number, 'autre constat', 'autres constats')} sur le formulaire"
    remedy = "corrigez ceux qui précèdent, puis relisez le fichier"
    return [Finding(INCOMPLETE, RULE, _WHOLE.title, _WHOLE.text, "", message, remedy)]
