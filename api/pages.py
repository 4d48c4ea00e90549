"""What the pages say: key figures of a result, rendered without any script."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from api.store import FILES, MAP
from coverage.wording import STATUS_NAMES, plural, whole
from geo.version import VERSION
from maps.templating import page_environment

if TYPE_CHECKING:
    from collections.abc import Sequence

    import jinja2

    from api.store import Result

STATIC = Path(__file__).parent / "static"

_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class FileLine:
    """A file to download: name, address, size in words, content in French."""

    name: str
    address: str
    size: str
    about: str


def home_page(results: Sequence[Result]) -> str:
    """Return the page that lists the results served."""
    return (
        _environment()
        .get_template("accueil.html")
        .render(
            version=VERSION,
            results=[
                {
                    "number": result.number,
                    "title": result.title,
                    "fictional": bool(result.summary.get("fictif")),
                    "figures": key_figures(result),
                    "statuses": status_rows(result),
                    "has_map": MAP in result.files,
                    "files": _file_lines(result),
                    "warnings": len(result.summary.get("avertissements", ())),
                    "attribution": result.summary.get("attribution", ""),
                }
                for result in results
            ],
        )
    )


def key_figures(result: Result) -> list[tuple[str, str]]:
    """Return the figures a planner looks for first, label and value; absent ones are left out."""
    totals = result.summary["totaux"]
    labels = {
        "zones_retenues": "zones retenues",
        "zones_a_documenter": "zones à documenter",
        "besoin_h": "besoin connu (h/an)",
        "servi_h": "servi au mieux (h/an)",
        "deficit_h": "déficit (h/an)",
        "population": "habitants",
    }
    return [(label, whole(int(totals[name]))) for name, label in labels.items() if name in totals]


def status_rows(result: Result) -> list[tuple[str, str, str]]:
    """Return label, communes and inhabitants of each status."""
    totals = result.summary["totaux"]
    communes = totals.get("communes_par_statut", {})
    people = totals.get("population_par_statut", {})
    return [
        (STATUS_NAMES.get(status, status), whole(count), whole(people.get(status, 0)))
        for status, count in communes.items()
    ]


def _file_lines(result: Result) -> list[FileLine]:
    return [
        FileLine(
            name=name,
            address=f"/resultats/{result.number}/fichiers/{name}",
            size=_size((result.folder / name).stat().st_size),
            about=FILES[name].about,
        )
        for name in result.files
    ]


def _size(octets: int) -> str:
    kilo = 1000
    if octets < kilo * kilo:
        return f"{whole(max(1, round(octets / kilo)))} ko"
    return f"{octets / kilo / kilo:.1f} Mo".replace(".", ",")


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    environment = page_environment(_TEMPLATES)
    environment.filters["plural"] = plural
    return environment
