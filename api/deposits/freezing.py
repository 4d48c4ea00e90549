"""What a deposit brings, saved as a version: whose study, over which version, with what words."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.studies import STUDY_FILE
from data.store.errors import StaleError
from data.store.studies import (
    Study,
    Version,
    add_version,
    create_study,
    study_of_slug,
    versions_of,
)
from geo.errors import InputErrors, Notice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from api.deposits.brought import Brought
    from data.store.engine import Write

RESERVED = frozenset(("deposer", "depots", "versions"))
"""Words of the addresses of the register, that no study may bear."""


@dataclass(frozen=True)
class Asked:
    """What someone writes to freeze a deposit; the slug and the name serve for a new study."""

    note: str
    slug: str = ""
    name: str = ""


def freeze_brought(write: Write, brought: Brought, asked: Asked) -> tuple[str, Version]:
    """Save what a deposit brings as the next version of its study, or the first of a new one.

    Returns
    -------
    tuple
        Slug of the study, and the version.

    Raises
    ------
    InputErrors
        When what is asked cannot be.
    TakenError
        When another study bears the slug.
    StaleError
        When a version was frozen since the one that the deposit follows.
    """
    slug = brought.slug or asked.slug.strip()
    if brought.slug:
        study = study_of_slug(write.session, slug)
        _check_last(write.session, study, brought.based_on)
    else:
        _check_free(slug)
        regions = regions_of_files(brought.files)
        region = regions[0] if len(regions) == 1 else ""
        study = create_study(write, slug, asked.name, region)
    return slug, add_version(write, study.study_id, brought.files, asked.note)


def regions_of_files(files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Return the régions that the settings of a study name, none when they name none."""
    settings = settings_of(files)
    if settings is None:
        return ()
    try:
        told = tomllib.loads(settings.decode("utf-8-sig")).get("etude", {})
    except ValueError:
        return ()
    found = told.get("regions", ()) if isinstance(told, dict) else ()
    return tuple(str(code) for code in found) if isinstance(found, list) else ()


def settings_of(files: Mapping[str, bytes]) -> bytes | None:
    """Return the settings of a study, None when it has none."""
    return next((files[path] for path in files if path.casefold() == STUDY_FILE), None)


def _check_free(slug: str) -> None:
    if slug in RESERVED:
        remedy = "en choisir un autre"
        raise InputErrors([Notice("", 0, "identifiant", f"mot réservé : « {slug} »", remedy)])


def _check_last(session: Session, study: Study, based_on: Version | None) -> None:
    found = versions_of(session, study.study_id)
    last = found[-1] if found else None
    if last is not None and (based_on is None or last.version_id != based_on.version_id):
        raise StaleError(
            f"entre-temps, la version {last.number} a été figée par {last.author} ; rien n’est "
            "enregistré, rien n’est perdu → revenir au dépôt, puis « Reprendre sur la version "
            f"{last.number} »",
            last,
            {},
        )
