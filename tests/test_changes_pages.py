"""What changed class since another version, on the web: asked, followed, read, taken away."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from pages_served import words
from register_served import ended, job_of
from scenarios_served import SLUG, freeze, new_register, opened, serve
from test_propose import FILES

from api.changes.job import LINES

if TYPE_CHECKING:
    from register_served import Planner

PAGE = f"/etudes/{SLUG}/changements"
BEFORE = f"{SLUG}:1"
MORE = FILES | {
    "perimetres.csv": f"{FILES['perimetres.csv']}B,facilitateur,principal,commune,2A004\n"
}
"""The same study, with a commune more in a perimeter."""


@pytest.fixture(scope="module")
def planner(tmp_path_factory: pytest.TempPathFactory) -> Planner:
    """A register whose second version covers a commune more; it is the one shown."""
    made = opened(new_register(tmp_path_factory.mktemp("registre")))
    freeze(made, MORE)
    serve(made, 2)
    return made


def test_a_perimeter_is_the_cause_told(planner: Planner) -> None:
    before = words(planner.html(PAGE))
    assert "Étude d’essai, version 1" in before
    assert "Le détail" not in before
    asked = planner.post(f"{PAGE}/calcul", depuis=BEFORE)
    assert not ended(planner.app, job_of(asked)).faults
    shown = words(planner.html(f"{PAGE}?depuis={BEFORE}"))
    assert re.search("Périmètres[^:]* : 1 commune", shown)
    table = planner.ask("GET", f"{PAGE}/changements.csv?depuis={BEFORE}")
    assert table.status_code == 200
    rows = table.text.strip().splitlines()[1:]
    assert len(rows) == 1
    assert rows[0].split(";")[0] == "2A004"
    assert "2A004" in shown
    # Asked again, it is the one that is there.
    again = planner.post(f"{PAGE}/calcul", depuis=BEFORE)
    assert again.headers["location"] == f"{PAGE}?depuis=essai%3A1"
    assert "Aucun changement pour « nulle part »" in words(
        planner.html(f"{PAGE}?depuis={BEFORE}&q=nulle part")
    )


def test_what_is_not_there_is_said(planner: Planner) -> None:
    for path, status in (
        (f"{PAGE}?depuis=essai", 404),
        (f"{PAGE}?depuis=essai:9", 404),
        (f"{PAGE}?depuis=ailleurs:1", 404),
        (f"{PAGE}/{LINES}?depuis={BEFORE}", 404),
        (f"{PAGE}/changements.csv?depuis=essai:2", 409),
    ):
        assert planner.ask("GET", path).status_code == status, path
