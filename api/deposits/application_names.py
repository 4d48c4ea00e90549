"""How an application of a deposit is called, where its file is, what a change of it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.studies import slug_of
from coverage.wording import listing
from data.applications.drafted import part_of
from data.applications.form_labels import RUBRIQUES
from data.applications.read import FOLDER
from data.store.checks import impersonal_text
from data.study.cells import Refusal
from data.uploads.limits import UploadLimits
from data.uploads.names import neutral_path
from geo.errors import InputErrors, Notice

if TYPE_CHECKING:
    from collections.abc import Mapping

_EXTENSION = ".toml"
_LONGEST = 80


def is_application(path: str) -> bool:
    """Tell whether a file of a study is an application.

    >>> is_application("candidatures/plie-sud.toml"), is_application("candidatures/a/b.toml")
    (True, False)
    """
    folder, slash, file = path.partition("/")
    sole = slash and "/" not in file and not file.startswith((".", "~$"))
    return bool(sole) and folder == FOLDER and file.lower().endswith(_EXTENSION)


def name_of(path: str) -> str:
    """Return the name of the application of a file.

    >>> name_of("candidatures/plie-sud.toml")
    'plie-sud'
    """
    return path.partition("/")[2][: -len(_EXTENSION)]


def path_of(name: str) -> str:
    """Return the file that an application of this name has.

    >>> path_of("plie-sud")
    'candidatures/plie-sud.toml'
    """
    return f"{FOLDER}/{name}{_EXTENSION}"


def checked_name(typed: str) -> str:
    """Return the name that a file may have.

    Raises
    ------
    InputErrors
        When there is none in what is typed.
    """
    name = slug_of(impersonal_text(typed, "nom"))
    refusal = neutral_path(path_of(name), UploadLimits())
    if not name or len(name) > _LONGEST:
        refusal = Refusal(
            f"nom sans lettre ni chiffre, ou de plus de {_LONGEST} signes",
            "écrire un nom court, par exemple « plie-du-sud »",
        )
    if isinstance(refusal, Refusal):
        raise InputErrors([Notice("", 0, "nom", refusal.message, refusal.remedy)])
    return name


def change_words(name: str, before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """Tell what a file becomes, its values unsaid."""
    if not before:
        return f"candidature {name} ajoutée"
    changed = [
        each.title
        for table, each in RUBRIQUES.items()
        if part_of(before, table) != part_of(after, table)
    ]
    return f"candidature {name} modifiée ({listing(changed)})"
