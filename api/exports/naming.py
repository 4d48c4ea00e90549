"""Names of exported files: study, région, year, what they hold."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from coverage.model import Coverage

_MOST_REGIONS = 3
_PART_CHARS = 60
_FICTIONAL = "fictif"


def file_name(coverage: Coverage, name: str, *, trial: bool = False) -> str:
    """Return the name of an exported file, accents kept, nothing that a system refuses.

    Parameters
    ----------
    coverage
        Limited to what the file holds.
    name
        Of the export, its suffix included.
    trial
        Whether it holds a what-if, never filed.
    """
    study = coverage.study
    title = _part(study.name).removesuffix(f"-{study.year}")
    if study.fictional and _FICTIONAL not in title:
        title = f"{title}-{_FICTIONAL}"
    parts = ["zones-blanches", title, _place(coverage), str(study.year)]
    return "_".join([*parts, *(["essai"] if trial else []), name])


def content_disposition(name: str) -> str:
    """Return the header that saves an answer under a name, in plain letters and in its own.

    >>> content_disposition("été.csv").split("; ")[1:]
    ['filename="ete.csv"', "filename*=UTF-8''%C3%A9t%C3%A9.csv"]
    """
    return f"attachment; filename=\"{_ascii(name)}\"; filename*=UTF-8''{quote(name)}"


def _place(coverage: Coverage) -> str:
    regions = coverage.study.regions
    if not regions:
        return "france"
    if len(regions) > _MOST_REGIONS:
        return f"{len(regions)}-regions"
    names = coverage.territory.names["region"]
    return "-".join(_part(names.get(code, code)) for code in regions)


def _part(text: str) -> str:
    """Return a text in small letters and digits, words joined by hyphens.

    >>> _part("Île-de-France : l’essai / 2")
    'île-de-france-l-essai-2'
    """
    words = re.sub(r"[\W_]+", "-", unicodedata.normalize("NFC", text).casefold())
    return words[:_PART_CHARS].strip("-") or "etude"


def _ascii(name: str) -> str:
    letters = name.replace("œ", "oe").replace("æ", "ae")
    plain = unicodedata.normalize("NFKD", letters).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9._-]", "", plain)
