"""`etude.toml` with some of its settings changed: comments and all the rest stay as they are."""

from __future__ import annotations

import re
import tomllib
from codecs import BOM_UTF8
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from coverage.parameters import definitions
from data.calls.read import declared_rules
from data.consolidate.toml_text import statements
from data.study.cells import INNER_SPACE
from data.study.settings_file import SETTINGS_FILE
from data.study.templates import settings_text
from data.study.toml_text import toml_value
from geo.errors import InputErrors, Notice, OutputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from data.consolidate.toml_text import Statement

_WHOLE = re.compile(r"-?[0-9]{1,18}")
_NO, _YES = ("non", "false"), ("oui", "true")
_LISTS = ("texts", "choices")
_LINES = re.compile(r"(?m)^(?=.)")


@dataclass(frozen=True)
class Setting:
    """One setting that a form may change.

    Attributes
    ----------
    table, name
        Where it is written.
    kind
        `text`, `whole` or `texts`, or that of its definition.
    switch
        Whether « non » switches it off.
    """

    table: str
    name: str
    kind: str
    switch: bool = False

    @property
    def key(self) -> str:
        """Its dotted key, as findings name it."""
        return f"{self.table}.{self.name}"


_STUDY = (
    Setting("etude", "nom", "text"),
    Setting("etude", "annee", "whole"),
    Setting("etude", "derniere_annee", "whole"),
    Setting("etude", "regions", "texts"),
    Setting("etude", "grands_projets_reference", "bool"),
    Setting("etude", "fictif", "bool"),
)
_BY_HAND = ("by_class", "weights")
"""Kinds that are tables of their own: their file alone changes them."""


def known_settings() -> tuple[Setting, ...]:
    """Return the settings of a study, in the order of its template."""
    method = [
        Setting("methode", name, each.kind)
        for name, each in definitions().items()
        if each.kind not in _BY_HAND
    ]
    call = [
        Setting("appel", name, each.definition.kind, each.switch)
        for name, each in declared_rules().items()
    ]
    return (*_STUDY, *method, *call)


def settings_path(files: Iterable[str]) -> str:
    """Return the path of the settings of a study, as the study names it."""
    return next((path for path in files if path.lower() == SETTINGS_FILE), SETTINGS_FILE)


def settings_content(files: Mapping[str, bytes]) -> bytes:
    """Return the settings of a study; the template where it has none."""
    found = files.get(settings_path(files))
    return settings_text().encode() if found is None else found


def filed_settings(content: bytes) -> dict[str, str]:
    """Return the text of each setting that a file gives, by dotted key, as `typed_value` reads it.

    Raises
    ------
    InputErrors
        When it is not TOML: it cannot be changed key by key.
    """
    parsed = _parsed(_text(content))
    found = {}
    for setting in known_settings():
        table = parsed.get(setting.table)
        if isinstance(table, dict) and setting.name in table:
            found[setting.key] = _shown(table[setting.name])
    return found


def typed_value(setting: Setting, text: str) -> object:
    """Return what is written for a text; what does not fit stays a text, that the reader refuses.

    >>> typed_value(Setting("etude", "annee", "whole"), "2 024")
    2024
    >>> typed_value(Setting("methode", "seuil_reponse", "ratio"), "2/3")
    '2/3'
    """
    if setting.kind in _LISTS:
        return [part for part in text.split("|") if part]
    if setting.kind == "bool" or setting.switch:
        if text.lower() in _NO:
            return False
        if setting.kind == "bool" and text.lower() in _YES:
            return True
    plain = re.sub(INNER_SPACE, "", text)
    numeric = setting.kind not in ("text", "choice", "bool")
    return int(plain) if numeric and _WHOLE.fullmatch(plain) else text


def with_settings(content: bytes, typed: Mapping[str, str]) -> bytes:
    """Return the file with settings given; an empty text leaves one to its default.

    Parameters
    ----------
    typed
        Dotted key → text.

    Raises
    ------
    InputErrors
        When a setting is written in a way that is not one line of its own.
    OutputError
        When the file would not read back as it should.
    """
    text = _text(content)
    expected = _parsed(text)
    for setting in known_settings():
        if setting.key in typed:
            value = typed_value(setting, typed[setting.key]) if typed[setting.key] else None
            text = _with(text, setting, value)
            table = expected.setdefault(setting.table, {})
            table.pop(setting.name, None)
            if value is not None:
                table[setting.name] = value
    if _filled(_parsed(text)) != _filled(expected):
        raise OutputError(
            "etude.toml ne se relirait pas comme attendu ; rien n’est enregistré → modifiez-le "
            "dans un éditeur de texte, puis déposez-le"
        )
    return (BOM_UTF8 if content.startswith(BOM_UTF8) else b"") + text.encode()


def _with(text: str, setting: Setting, value: object) -> str:
    """Return the text with one setting written, or left as a comment when it has no value."""
    path = (setting.table, setting.name)
    parts = list(statements(text))
    at = next((at for at, each in enumerate(parts) if each.path == path and each.value), None)
    if at is None and setting.name in (_parsed(text).get(setting.table) or {}):
        message = f"« {setting.name} » n’est pas écrit sur une ligne à lui"
        remedy = "modifiez ce réglage dans un éditeur de texte, puis déposez le fichier"
        raise InputErrors([Notice(SETTINGS_FILE, 0, setting.key, message, remedy)])
    if at is not None:
        part = parts[at]
        new = _LINES.sub("# ", part.text) if value is None else _line(part, value)
        return "".join(
            [*(each.text for each in parts[:at]), new, *(p.text for p in parts[at + 1 :])]
        )
    return text if value is None else _inserted(parts, setting, value)


def _line(part: Statement, value: object) -> str:
    return f"{part.head}{toml_value(value)}{part.tail}"


def _inserted(parts: list[Statement], setting: Setting, value: object) -> str:
    """Return the text with a new line: under the comment that names it, else under its heading."""
    written = [each.text for each in parts]
    end = "\r\n" if any(text.endswith("\r\n") for text in written) else "\n"
    line = f"{setting.name} = {toml_value(value)}{end}"
    comment = re.compile(rf"#\s*{setting.name}\s*=")
    under = [at for at, table in _tables(parts) if table == (setting.table,)]
    if not under:
        apart = "" if not written or written[-1].endswith("\n") else end
        return "".join([*written, f"{apart}{end}[{setting.table}]{end}{line}"])
    at = next((at for at in under if comment.match(written[at])), under[0])
    apart = "" if written[at].endswith("\n") else end
    return "".join([*written[: at + 1], apart, line, *written[at + 1 :]])


def _tables(parts: list[Statement]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Give the statements that stand under a heading, itself first, and its path."""
    table: tuple[str, ...] = ()
    for at, part in enumerate(parts):
        if part.path and not part.value:
            table = part.path
        if table:
            yield at, table


def _text(content: bytes) -> str:
    try:
        return content.removeprefix(BOM_UTF8).decode()
    except UnicodeDecodeError:
        message = "texte qui n’est pas en UTF-8"
        remedy = "enregistrez le fichier en UTF-8, puis déposez-le"
        raise InputErrors([Notice(SETTINGS_FILE, 0, "", message, remedy)]) from None


def _parsed(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError):
        message = "fichier qui n’est pas du TOML"
        remedy = "corrigez-le dans un éditeur de texte, puis déposez-le"
        raise InputErrors([Notice(SETTINGS_FILE, 0, "", message, remedy)]) from None


def _filled(parsed: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in parsed.items() if value != {}}


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, list):
        return "|".join(map(str, value))
    return str(value).replace(".", ",") if isinstance(value, Decimal) else str(value)
