"""Pages as HTML: one base, one catalogue, one nonce a request."""

from __future__ import annotations

import secrets
from contextvars import ContextVar
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from fastapi.responses import HTMLResponse

from api.access.identity import IDENTITY, form_field
from api.catalogue import text
from api.facts.names import STATUS_SHORT
from api.facts.places import fold
from api.facts.values import KNOWN_NAMES, hours_text, known_text
from api.menu import site_menu
from api.security import NAMES_ITSELF, page_policy
from coverage.palette import STYLES, TILE, mixed
from coverage.wording import THIN, decimal, percent, plural, whole
from data.results.provenance import attribution
from data.uploads.limits import megabytes
from geo.version import VERSION
from maps.templating import page_environment

if TYPE_CHECKING:
    from datetime import datetime

    import jinja2

    from api.facts.values import Amount
    from api.studies import OpenStudy

STATIC = Path(__file__).parent / "static"
_TEMPLATES = Path(__file__).parent / "templates"

DESIGN_SHEETS: ContextVar[tuple[str, ...]] = ContextVar("design_sheets", default=())
"""Addresses of the operator's own style sheets, for the time of a request."""

STUDY_MENU = (
    *("synthese", "carte", "zones", "communes", "structures"),
    *("propositions", "dossiers", "suivi", "budget", "scenarios", "donnees"),
)
"""Pages of a study, in the order of its menu; `synthese` is the study's own address."""


def page(
    template: str,
    *,
    here: str,
    title: str,
    study: OpenStudy | None = None,
    region: str = "",
    status: int = 200,
    posts: bool = False,
    **content: Any,  # noqa: ANN401 - what each template asks for
) -> HTMLResponse:
    """Return a page of the application.

    Parameters
    ----------
    here
        Entry of the menu that is the page's own, empty for none.
    region
        Région that the pages of a study are limited to, empty for all that it shows.
    posts
        Whether it holds a form to post, whose page a browser must then name.
    content
        Of the template.
    """
    nonce = secrets.token_urlsafe(16)
    html = (
        environment()
        .get_template(template)
        .render(
            here=here,
            title=title,
            nonce=nonce,
            study=study,
            region=region,
            regions=_regions(study),
            menu=STUDY_MENU,
            design_sheets=DESIGN_SHEETS.get(),
            version=VERSION,
            **content,
        )
    )
    headers = {"Content-Security-Policy": page_policy(nonce), **(NAMES_ITSELF if posts else {})}
    return HTMLResponse(html, status_code=status, headers=headers)


def fragment(template: str, *, study: OpenStudy, region: str, **content: Any) -> HTMLResponse:  # noqa: ANN401 - what each template asks for
    """Return a piece of page without layout, which nothing runs in."""
    html = environment().get_template(template).render(study=study, region=region, **content)
    return HTMLResponse(html)


@cache
def environment() -> jinja2.Environment:
    """Return the environment of all the templates."""
    made = page_environment(_TEMPLATES)
    made.globals |= {
        "t": text,
        "address": address,
        "identity": IDENTITY.get,
        "site_menu": site_menu,
        "form_field": form_field,
        "legend": {
            style.key: style.label for style in (*STYLES, *(mixed(style) for style in STYLES))
        },
        "patterns": [*STYLES, *(mixed(style) for style in STYLES)],
        "tile": TILE,
        "attribution": attribution_of,
        "status_names": STATUS_SHORT,
        "known_names": KNOWN_NAMES,
    }
    made.filters |= {
        "plural": plural,
        "whole": whole,
        "megabytes": megabytes,
        "percent": percent,
        "hours": hours_text,
        "known": known_text,
        "share": share_text,
        "area": area_text,
        "date": date_text,
        "moment": moment_text,
        "etp": etp_text,
    }
    return made


def address(study: OpenStudy, path: str = "", region: str = "", **asked: str) -> str:
    """Return the address of a page of a study, its région kept.

    Parameters
    ----------
    path
        After the study's own address; each part is quoted.
    asked
        Parameters; empty ones are left out.
    """
    parts = [quote(part, safe="") for part in path.split("/")] if path else []
    kept = {name: value for name, value in {"region": region, **asked}.items() if value}
    query = f"?{urlencode(kept)}" if kept else ""
    return "/".join(["/etudes", quote(study.slug), *parts]) + query


def share_text(decimals: str) -> str:
    """Write a share given in decimals as a percentage."""
    return percent(Fraction(decimals))


def area_text(square_km: str) -> str:
    """Write an area given in decimals, to the tenth of km²."""
    return f"{decimal(Fraction(square_km), 1)}{THIN}km²"


def etp_text(found: Amount) -> str:
    """Write ETP without decimals when there are none."""
    number = Fraction(found.fraction)
    return whole(int(number)) if number.denominator == 1 else found.texte


def date_text(iso: str) -> str:
    """Write a date as French does.

    >>> date_text("2023-07-01")
    '01/07/2023'
    """
    return "/".join(reversed(iso.split("-")))


def moment_text(instant: datetime) -> str:
    """Write an instant of universal time as French does.

    >>> from datetime import UTC, datetime
    >>> moment_text(datetime(2026, 11, 26, 8, 5, tzinfo=UTC))
    '26/11/2026 à 08:05 (temps universel)'
    """
    return f"{instant:%d/%m/%Y à %H:%M} (temps universel)"


def attribution_of(study: OpenStudy) -> str:
    """Return the line that cites the sources of a study."""
    return attribution(study.coverage.territory)


def _regions(study: OpenStudy | None) -> dict[str, str]:
    """Return code and name of the régions that a study shows, by name."""
    if study is None:
        return {}
    coverage = study.coverage
    names = coverage.territory.names["region"]
    codes = coverage.study.regions or sorted(set(coverage.territory.units["region"]))
    return {
        code: names.get(code, code) for code in sorted(codes, key=lambda c: fold(names.get(c, c)))
    }
