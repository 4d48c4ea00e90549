"""Who may do what, cell by cell, by real requests; nobody enters without a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from asking import PAGE, client_of
from fake_coverage import fake_coverage
from fastapi import APIRouter
from keyed import OTHER, OWN, WHOLE, bearer, keyed

from api import pages, v1
from api.access.addresses import FREE, action_of, is_free
from api.access.guards import check_addresses
from api.access.roles import ACTION_NAMES, ROLE_NAMES, TABLE, Action, may
from api.settings import Settings, read_settings
from data.store.models import ROLES
from geo.errors import ZonesBlanchesError

if TYPE_CHECKING:
    from pathlib import Path

    from keyed import Keyed

ALL, HOME, NONE = "partout", "chez soi", "nulle part"

EXPECTED = {
    "voir": (ALL, ALL, ALL),
    "exporter": (ALL, ALL, ALL),
    "essayer": (ALL, ALL, ALL),
    "calculer": (NONE, HOME, ALL),
    "deposer": (NONE, HOME, ALL),
    "ecrire_scenario": (NONE, HOME, ALL),
    "donner_avis": (NONE, HOME, ALL),
    "verrouiller": (NONE, HOME, ALL),
    "figer": (NONE, HOME, ALL),
    "administrer": (NONE, NONE, ALL),
}
"""Of a lecteur, a planificateur, the national level: written here again, by hand."""

ASKED = {
    "voir": ("GET", "zones"),
    "exporter": ("GET", "exports/LISEZMOI.txt"),
    "essayer": ("POST", "essais"),
    "calculer": ("POST", "calcul"),
    "deposer": ("POST", "depot"),
    "ecrire_scenario": ("POST", "scenarios"),
    "donner_avis": ("POST", "avis/essai"),
    "verrouiller": ("POST", "verrous/essai"),
    "figer": ("POST", "versions"),
    "administrer": ("GET", "jetons"),
}
CELLS = [
    (action, role, study)
    for action in EXPECTED
    for role in ("lecteur", "planificateur", "national")
    for study in (OWN, OTHER, WHOLE)
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Keyed:
    return keyed(tmp_path_factory.mktemp("registre"))


@pytest.mark.parametrize(("action", "role", "study"), CELLS)
def test_each_cell_of_the_table(server: Keyed, action: str, role: str, study: str) -> None:
    scope = EXPECTED[action][("lecteur", "planificateur", "national").index(role)]
    granted = scope == ALL or (scope == HOME and study == OWN)
    key = server.kept_key(role, "84" if role == "planificateur" else "")
    method, path = ASKED[action]
    json = {"json": {}} if method == "POST" else {}
    address = f"/etudes/{study}/{path}"
    if granted:
        assert server.client().ask(method, address, headers=bearer(key), **json).status_code == 200
    else:
        told = server.client().problem(method, address, 403, headers=bearer(key), **json)
        assert ACTION_NAMES[Action(action)] in told["detail"]


def test_the_table_has_every_action_and_role_and_no_other() -> None:
    assert set(TABLE) == set(ACTION_NAMES) == set(Action)
    assert [action.value for action in Action] == list(EXPECTED)
    assert all(tuple(row) == ROLES for row in TABLE.values())
    assert tuple(ROLE_NAMES) == ROLES


@pytest.mark.parametrize("action", Action)
def test_an_unknown_role_may_do_nothing(action: Action) -> None:
    assert not may("chef", action, "84", ["84"])


@pytest.mark.parametrize("regions", [[], [""], ["32"], ["84", "32"]])
def test_what_is_not_wholly_one_s_own_is_not_one_s_own(regions: list[str]) -> None:
    assert not may("planificateur", Action.FIGER, "84", regions)
    assert not may("planificateur", Action.FIGER, "", regions)


# ---- the real routes ----


@pytest.mark.parametrize("prefix", ["/etudes", "/api/v1/etudes"])
def test_a_planner_computes_at_home_only(server: Keyed, prefix: str) -> None:
    key = bearer(server.kept_key("planificateur", "84"))
    stop = "propositions/arret"
    mine = server.client().post(f"{prefix}/{OWN}/{stop}", headers=key, json={})
    assert mine.status_code in (200, 303)
    for study in (OTHER, WHOLE):
        told = server.client().problem(
            "POST", f"{prefix}/{study}/{stop}", 403, headers=key, json={}
        )
        assert "votre seule région (code\u202f84)" in told["detail"]
    reader = bearer(server.kept_key("lecteur"))
    told = server.client().problem("POST", f"{prefix}/{OWN}/{stop}", 403, headers=reader, json={})
    assert "votre rôle (lecteur)" in told["detail"]


def test_a_reader_tries_and_exports(server: Keyed) -> None:
    key = bearer(server.kept_key("lecteur", "32"))
    client = server.client()
    tried = client.post(f"/api/v1/etudes/{OWN}/essais", headers=key, json={"modifications": []})
    assert tried.status_code == 200
    assert client.get(f"/etudes/{OWN}/exports/LISEZMOI.txt", headers=key).status_code == 200


def test_a_study_that_is_not_served_is_unknown_to_all(server: Keyed) -> None:
    for role in ("planificateur", "national"):
        key = bearer(server.kept_key(role, "84" if role == "planificateur" else ""))
        address = "/api/v1/etudes/nulle/propositions/arret"
        server.client().problem("POST", address, 404, headers=key, json={})


def every_route() -> list[tuple[str, str]]:
    return [
        (method, route.path)
        for router in (*pages.ROUTERS, *pages.KEYED, *v1.ROUTERS)
        for route in router.routes
        for method in sorted(route.methods)
    ]


@pytest.mark.parametrize(("method", "template"), every_route())
def test_no_route_answers_without_a_key(server: Keyed, method: str, template: str) -> None:
    path = template.replace("{etude}", OWN).replace("{empreinte}", "0" * 16)
    path = path.replace(":path}", "}").replace("{code}", "01001")
    json = {"json": {}} if method == "POST" else {}
    answer = server.client().ask(method, path, **json)
    assert answer.status_code == (200 if template in FREE else 401)
    if template not in FREE:
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.json()["title"] == "Identité demandée"


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/openapi.json",
        "/nulle-part",
        "/sante/",
        "//sante",
        "/connexion/",
        "/static",
        "/docs",
    ],
)
def test_no_other_address_answers_either(server: Keyed, path: str) -> None:
    assert server.client().get(path).status_code == 401


def test_what_anyone_may_read(server: Keyed) -> None:
    for path in ("/sante", "/accessibilite", "/connexion", "/static/site.css"):
        assert server.client().get(path, headers=PAGE).status_code == 200
    assert server.client().get("/static/../etudes").status_code in (401, 404)


def test_every_route_has_its_action() -> None:
    check_addresses((*pages.ROUTERS, *pages.KEYED, *v1.ROUTERS))
    written = {path: action_of(m, path) for m, path in every_route() if m == "POST"}
    assert {path.rpartition("}")[2]: action.value for path, action in written.items()} == {
        "/propositions/calcul": "calculer",
        "/propositions/arret": "calculer",
        "/essais": "essayer",
        "/essais/point": "essayer",
        "": "essayer",  # /essais/exports/{nom}
        "/scenarios": "ecrire_scenario",
        "/scenarios/nouveau": "ecrire_scenario",
        "/scenarios/enregistrement": "ecrire_scenario",
        "/scenarios/decision": "ecrire_scenario",
        "/scenarios/comparaison/calcul": "calculer",
        "/modifier": "ecrire_scenario",
        "/reprise": "ecrire_scenario",
        "/archive": "ecrire_scenario",
        "/avis": "donner_avis",
        "/avis/depots": "deposer",
        "/verrous": "verrouiller",
        "/budget/enveloppe": "ecrire_scenario",
        "/enveloppe": "ecrire_scenario",
        "/jetons": "administrer",
        "/revocation": "administrer",
    }
    exports = {path for m, path in every_route() if action_of(m, path) is Action.EXPORTER}
    assert exports
    files = "/dossiers/{candidature}/{nom}"
    assert all("/exports" in path or path.endswith(files) for path in exports)


def test_a_route_that_nobody_thought_of_is_refused_when_the_server_is_made() -> None:
    router = APIRouter()
    router.post("/etudes/{etude}/effacer")(lambda: None)
    with pytest.raises(LookupError, match="effacer"):
        check_addresses([router])
    assert not is_free("/etudes/x/effacer")


# ---- keys of programs ----


@pytest.mark.parametrize(
    "shown",
    [
        "Bearer zb_inconnu",
        "Bearer ",
        "Bearer",
        "Basic emI6emI=",
        "zb_x",
        "Bearer \xe9\xff".encode("latin-1"),
        "Bearer " + "z" * 10_000,
    ],
)
def test_what_is_no_key_opens_nothing(server: Keyed, shown: str | bytes) -> None:
    assert server.client().get("/", headers={"authorization": shown}).status_code == 401


def test_the_scheme_is_read_in_any_case(server: Keyed) -> None:
    key = server.kept_key("lecteur")
    for shown in (f"bearer {key}", f"BEARER  {key} "):
        assert server.client().get("/", headers={"authorization": shown}).status_code == 200


def test_a_key_in_the_address_opens_nothing(server: Keyed) -> None:
    key = server.kept_key("lecteur")
    for name in ("jeton", "token", "access_token", "authorization"):
        assert server.client().get(f"/?{name}={key}").status_code == 401


# ---- what is kept on the way ----


def test_answers_are_for_one_browser_alone(server: Keyed) -> None:
    key = bearer(server.kept_key("lecteur"))
    home = server.client().get("/", headers=key)
    assert home.headers["cache-control"] == "private, no-cache"
    page = server.client().get(f"/etudes/{OWN}/carte", headers=key).text
    script = page.split('src="/carte/')[1].split('"')[0]
    kept = server.client().get(f"/carte/{script}", headers=key).headers["cache-control"]
    assert kept == "private, max-age=31536000, immutable"
    values = server.client().get(f"/api/v1/etudes/{OWN}", headers=key).headers["cache-control"]
    assert values == "private, no-cache"


# ---- settings, default mode ----


def test_by_default_nobody_is_asked_who_they_are() -> None:
    client = client_of(fake_coverage)
    assert client.get("/", headers=PAGE).status_code == 200
    assert "connexion" not in client.get("/", headers=PAGE).text
    assert client.get("/connexion").status_code == 404
    described = client.get("/api/v1/openapi.json").json()
    assert "securitySchemes" not in described["components"]
    assert "Refus401" not in described["components"]["responses"]
    assert client.get("/").headers["cache-control"] == "no-cache"


def test_the_description_says_what_keys_are_for(server: Keyed) -> None:
    key = bearer(server.kept_key("lecteur"))
    described = server.client().get("/api/v1/openapi.json", headers=key).json()
    assert described["components"]["securitySchemes"]["jeton"]["scheme"] == "bearer"
    for path, operations in described["paths"].items():
        for operation in operations.values():
            asked = path != "/sante"
            assert ("401" in operation["responses"]) == asked
            assert ("security" in operation) == asked


def test_keys_need_a_register(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert Settings().access == "local"
    monkeypatch.setenv("ZONES_BLANCHES_ACCES", "jetons")
    with pytest.raises(ZonesBlanchesError, match="ZONES_BLANCHES_BASE"):
        read_settings()
    monkeypatch.setenv("ZONES_BLANCHES_BASE", f"sqlite:///{tmp_path / 'r.sqlite'}")
    assert read_settings().access == "jetons"
    monkeypatch.setenv("ZONES_BLANCHES_ACCES", "ouvert")
    with pytest.raises(ZonesBlanchesError, match="« local », ou « jetons »"):
        read_settings()
