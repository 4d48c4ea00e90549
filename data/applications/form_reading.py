"""The form of an application read as far as it is filled: nothing is refused, nothing is lost.

The reader of plans (`read`) wants a whole file and keeps no text that may name a person; this one
takes what there is, tells what is lacking, and keeps the rest as it was written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from coverage.dossiers.form import Form
from coverage.wording import whole
from data.applications.checks import check_demand
from data.applications.document import Document, parse_document
from data.applications.fields import EMPTY_BOX, is_blank, read_keys
from data.applications.form import FORM
from data.applications.form_boxes import expected_boxes
from data.applications.form_labels import LABELS
from data.applications.form_notices import plainer, told
from data.applications.walk import leaves, mapped, plain_key, value_at
from data.study.faults import Findings, count
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coverage.dossiers.model import Finding
    from coverage.proposals.model import Call

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
"""Control signs but tabs and line breaks, those that turn a line around, and what is no sign."""


@dataclass(frozen=True)
class Filed:
    """A form as it was filed, in whatever way.

    Attributes
    ----------
    typed
        Dotted key → what was typed there, where the document holds something else.
    stray
        Place → what is written outside the boxes.
    found
        What its file itself gives to mend.
    boxes
        Whether it is filled box by box, not written as TOML.
    broken
        Whether it could not be opened at all: its document is empty.
    """

    document: Document
    typed: Mapping[str, str] = field(default_factory=dict)
    stray: Mapping[str, str] = field(default_factory=dict)
    found: Findings = field(default_factory=Findings)
    boxes: bool = False
    broken: bool = False

    def told(self, found: Findings) -> tuple[Finding, ...]:
        """Return what is found of it, in words for who filled it."""
        listed = told(found, self.document.file)
        return plainer(listed) if self.boxes else listed


@dataclass(frozen=True)
class Reading:
    """A form read, and what was found of its boxes one by one.

    Attributes
    ----------
    found
        Faults: unreadable or lacking; warnings: boxes left empty, or doubtful.
    """

    form: Form
    found: Findings


def read_form(content: bytes, file: str, call: Call) -> tuple[Form, tuple[Finding, ...]]:
    """Return the form that a TOML file holds, however little it is filled, and what it lacks.

    Parameters
    ----------
    file
        Name of the file, for messages.
    call
        The call that is answered.

    Returns
    -------
    Form, tuple
        An empty form when the file is no TOML in UTF-8; the findings, in the form's order.
    """
    return form_of(filed_toml(content, file), call)


def filed_toml(content: bytes, file: str) -> Filed:
    """Return a TOML file as filed."""
    document = parse_document(content, file)
    if isinstance(document, Notice):
        return broken(file, Findings((document,)))
    return Filed(document)


def broken(file: str, found: Findings) -> Filed:
    """Return a file that cannot be opened as filed."""
    return Filed(Document(file, {}, {}), found=found, broken=True)


def form_of(filed: Filed, call: Call) -> tuple[Form, tuple[Finding, ...]]:
    """Return the form that was filed, and what it lacks."""
    reading = read_values(filed)
    return reading.form, filed.told(reading.found + check_boxes(filed, reading.form, call))


def read_values(filed: Filed) -> Reading:
    """Return the form that was filed, and what is unreadable, unknown or odd in it."""
    if filed.broken:
        return Reading(Form({}), filed.found)
    document = filed.document
    values, found = read_keys(document, document.content, FORM, whole_texts=True)
    changed: dict[str, str] = {}
    notices: list[Notice] = []

    def cleaned(key: str, value: object) -> object:
        if not isinstance(value, str):
            return value
        invisible = len(_INVISIBLE.findall(value))
        if invisible:
            changed[key] = value
            noun = count(invisible, "signe invisible ôté", "signes invisibles ôtés")
            notices.append(document.notice(key, noun, "recopiez ce texte au clavier"))
        most = LABELS[plain_key(key)].most
        if len(value) > most:
            message = f"texte de {count(len(value), 'signe')} ; {whole(most)} au plus"
            notices.append(
                document.notice(key, message, "résumez-le, et joignez le reste en annexe")
            )
        clean = _INVISIBLE.sub("", re.sub("\r\n?", "\n", value))
        return None if is_blank(clean) else clean

    kept = mapped(values, cleaned)
    unread = _unread(document.content, kept, filed.typed) | changed | dict(filed.stray)
    return Reading(Form(kept, unread), filed.found + found + Findings(tuple(notices)))


def check_boxes(filed: Filed, form: Form, call: Call, *, renewed: bool = False) -> Findings:
    """Return what a form lacks for what it asks.

    Parameters
    ----------
    renewed
        Whether the structure holds posts of the 2022 call.
    """
    if filed.broken:
        return Findings()
    document, values = filed.document, form.values
    cofunded = call.rules["cofinancement_minimum"].active
    empty = [
        document.notice(key, EMPTY_BOX, "complétez le dossier")
        for key in expected_boxes(values, renewed=renewed, cofunded=cofunded)
        if value_at(values, key) is None and is_blank(value_at(document.content, key))
    ]
    return check_demand(document, values) + Findings((), tuple(empty))


def _unread(
    content: Mapping[str, Any], values: Mapping[str, Any], typed: Mapping[str, str]
) -> dict[str, str]:
    """Return what is filed and is not among the values, as text."""
    known = {key for key, _ in leaves(values)}
    return {
        key: typed.get(key) or _as_text(value)
        for key, value in leaves(content)
        if key not in known and not is_blank(value)
    }


def _as_text(value: object) -> str:
    """Return a value of a file as text, whole."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(map(_as_text, value))
    if isinstance(value, dict):
        return ", ".join(f"{name} = {_as_text(own)}" for name, own in value.items())
    try:
        return str(value)
    except ValueError:  # thousands of digits, written in hexadecimal
        return f"{value:#x}"
