"""Whether a received file is the one promised: its digest, its format, its columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.fetch.contents import columns_found
from data.fetch.copies import digest
from data.study.faults import nearest
from geo.errors import DataUnavailableError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from data.reference.sources import DeclaredSource

_HEAD_BYTES = 512
_HTML = (b"<!doctype html", b"<html")
_SHOWN = 8


def check(path: Path, source: DeclaredSource, before: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the columns found in a received file.

    Parameters
    ----------
    before
        Columns of the former edition: what is not among them is new.

    Raises
    ------
    DataUnavailableError
        When it is empty, a web page, another file than the pinned one, of another format, or
        without a column that is read.
    OSError
        When it cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
        _require_data(head)
        _require_digest(path, source)
        file.seek(0)
        found = columns_found(file, source)
    missing = [name for name in source.columns if name not in found]
    if missing:
        raise DataUnavailableError(_changed(missing, found, before or source.columns))
    return found


def _require_data(head: bytes) -> None:
    if not head:
        raise DataUnavailableError("fichier vide ; relancez plus tard")
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_HTML):
        raise DataUnavailableError(
            "page web reçue au lieu des données : portail d’accès au réseau, mandataire, ou "
            "fichier déplacé par l’éditeur ; ouvrez l’adresse dans un navigateur pour le voir"
        )


def _require_digest(path: Path, source: DeclaredSource) -> None:
    if source.sha256 and (found := digest(path)) != source.sha256:
        raise DataUnavailableError(
            f"ce n’est pas le fichier attendu (empreinte {found}, attendue {source.sha256}) ; "
            "vérifiez l’adresse, ou mettez à jour le programme"
        )


def _changed(missing: Sequence[str], found: Sequence[str], before: Sequence[str]) -> str:
    """Say which columns are missing, what each may have become, and which ones are new."""
    new = [name for name in found if name not in before]
    absent = [f"« {name} »{_near(name, new or found)}" for name in missing]
    noun = "colonne attendue absente" if len(missing) == 1 else "colonnes attendues absentes"
    parts = [f"{noun} : {', '.join(absent)}"]
    if new:
        shown = ", ".join(f"« {name} »" for name in new[:_SHOWN])
        rest = f" et {len(new) - _SHOWN} autres" if len(new) > _SHOWN else ""
        parts.append(f"colonnes nouvelles : {shown}{rest}")
    elif not found:
        parts.append("aucune colonne reconnue dans ce qui a été reçu")
    parts.append(
        "l’éditeur a sans doute changé son fichier : mettez à jour le programme, ou déposez "
        "vous-même dans l’étude un fichier aux noms attendus"
    )
    return " ; ".join(parts)


def _near(name: str, known: Sequence[str]) -> str:
    near = nearest(name, known)
    return f" (la plus proche reçue : « {near} »)" if near else ""
