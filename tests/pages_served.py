"""The application on small studies, for the tests of its pages and answers."""

from __future__ import annotations

import re
from functools import cache
from html import unescape
from typing import TYPE_CHECKING

from asking import PAGE, Client
from fake_coverage import drawn_coverage, fake_coverage

from api.app import create_app
from api.settings import Settings
from api.studies import OpenStudy, Studies

if TYPE_CHECKING:
    from fastapi import FastAPI

STUDIES = {
    "complete": fake_coverage,
    "dessinee": drawn_coverage,
    "fictive": lambda: fake_coverage(fictional=True),
    "limitee": lambda: fake_coverage(regions=("84",)),
}

STUDY_PAGES = (
    "",
    "/zones",
    "/zones?statut=couverte",
    "/zones?q=nulle+part",
    "/zones/84-capacite_insuffisante-01002",
    "/communes",
    "/communes?q=nulle+part",
    "/communes/01001",
    "/communes/01002",
    "/communes/01003",
    "/structures",
    "/structures?q=nulle+part",
    "/structures/A",
    "/structures/B",
    "/certificats/TX-01002-etat",
    "/dossiers",
    "/suivi",
    "/donnees",
    "/rapport",
)
"""Pages of the study `limitee`, hence of `complete` and `fictive`."""

TEXT_PAGES = ("/", "/methode", "/aide", "/accessibilite")


def served() -> FastAPI:
    """Return the application on all the small studies."""
    settings = Settings(requests_per_minute=1_000_000)
    return create_app(settings, Studies([OpenStudy(name, load) for name, load in STUDIES.items()]))


@cache
def client() -> Client:
    return Client(served())


def html(address: str) -> str:
    """Return a page, whole."""
    answer = client().get(address, headers=PAGE)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.text


def words(page: str) -> str:
    """Return what a page says, its spaces plain."""
    main = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", page, flags=re.DOTALL)
    text = unescape(re.sub(r"<[^>]+>", " ", main))
    return " ".join(re.sub("[\u00a0\u202f]", " ", text).split())


def plain(text: str) -> str:
    """Return a text as `words` gives it."""
    return " ".join(re.sub("[\u00a0\u202f]", " ", text).split())
