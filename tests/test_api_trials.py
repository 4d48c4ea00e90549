"""What-ifs through the API, against the edited study computed in full."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import numpy as np
import openpyxl
import orjson
import pytest
from asking import Client, client_of
from builders import seeded
from fake_coverage import CUT, drawn_coverage, fake_study, fake_territory

from api.studies import OpenStudy
from api.trials.answer import answer, filed_of
from api.trials.asked import Trial
from api.trials.rates import rounded_rates
from coverage.means import Means
from coverage.parameters import CLASSES
from coverage.selection import select_regions
from coverage.shapes import is_cut
from coverage.status import STATUTS
from coverage.study import compute
from coverage.totals import figures
from coverage.trials.edits import edited_study
from coverage.trials.model import TrialModel
from data.results.files import communes_table
from maps.scope import scope_of
from maps.web.parts import map_parts
from maps.web.values import GRAVITES, map_values, rounded_down

if TYPE_CHECKING:
    from coverage.model import Coverage

HERE = "/api/v1/etudes/{}/essais"
PLAIN, DRAWN, LIMITED = "essai", "essai-2", "essai-3"

TRIALS: dict[str, list[dict[str, Any]]] = {
    "nothing": [],
    "etp": [{"action": "etp", "poste": 1, "etp": "5.5"}],
    "none": [{"action": "etp", "poste": 0, "etp": "0"}],
    "post": [
        {"action": "ajout_poste", "structure_id": "B", "etp": "1/3", "donneurs_ordre": ["etat"]}
    ],
    "less": [{"action": "retrait_poste", "poste": 1}],
    "perimeter": [
        {
            "action": "ajout_perimetre",
            "structure_id": "A",
            "nature": "principal",
            "niveau": "departement",
            "code": "02",
        }
    ],
    "bare": [{"action": "retrait_perimetre", "perimetre": 0}],
    "threshold": [
        {"action": "parametre", "nom": "seuil_reponse", "valeur": "0,1"},
        {"action": "parametre", "nom": "heures_par_etp", "valeur": "30000"},
    ],
}


@cache
def plain() -> Coverage:
    return compute(fake_study(), fake_territory())


@cache
def drawn() -> Coverage:
    return drawn_coverage()


@cache
def limited() -> Coverage:
    return compute(fake_study(regions=("32",)), fake_territory())


@pytest.fixture(scope="module")
def client() -> Client:
    return client_of(plain, drawn, limited)


def after(coverage: Coverage, modifications: list[dict[str, Any]]) -> Coverage:
    edits = Trial.model_validate({"modifications": modifications}).edits()
    return compute(edited_study(coverage.study, coverage.territory, edits), coverage.territory)


def known(row: Any) -> int | None:  # noqa: ANN401
    unknown = set(row["classes_inconnues"]) == set(CLASSES)
    return None if unknown else int(row["besoin_h"] - row["servi_h"])


def told(row: Any) -> tuple[Any, ...]:  # noqa: ANN401
    """Return what an answer says of a commune."""
    return (
        STATUTS.index(row["statut"]),
        int(row["mixte"]),
        GRAVITES.index(row["gravite"] or ""),
        rounded_down(row["taux_reponse"]),
        rounded_down(row["taux_reponse_etat"]),
        known(row),
        row["zone_id"],
    )


@pytest.mark.parametrize("slug", [PLAIN, DRAWN, LIMITED])
@pytest.mark.parametrize("name", TRIALS)
def test_an_answer_is_what_a_full_computation_changes(client: Client, slug: str, name: str) -> None:
    before = {PLAIN: plain, DRAWN: drawn, LIMITED: limited}[slug]()
    modifications = TRIALS[name]
    found = client.post(HERE.format(slug), json={"modifications": modifications}).json()
    new = select_regions(after(before, modifications))
    old = select_regions(before)
    rows = [
        (rank, told(row))
        for rank, (row, past) in enumerate(
            zip(new.communes.to_dict("records"), old.communes.to_dict("records"), strict=True)
        )
        if told(row) != told(past)
    ]
    columns = found["communes"]
    names = ("statut", "mixte", "gravite", "taux", "taux_etat", "deficit_h", "zone")
    answered = dict(
        zip(columns["rang"], zip(*(columns[name] for name in names), strict=True), strict=True)
    )
    same = [told(row) for row in old.communes.to_dict("records")]
    assert {rank: row for rank, row in answered.items() if row != same[rank]} == dict(rows)
    assert found["zones"]["id"] == list(new.zones.index)
    assert found["zones"]["statut"] == [STATUTS.index(name) for name in new.zones["statut"]]
    assert found["zones"]["retenue"] == new.zones["retenue"].astype(int).tolist()
    assert found["zones"]["deficit_h"] == new.zones["deficit_h"].tolist()
    counted = figures(new.communes, new.zones)
    assert {name: found["totaux"]["apres"][name] for name in counted} == counted
    assert found["totaux"]["apres"]["capacite_h"] == new.totals["capacite_h"]
    past = {name: old.totals[name] for name in found["totaux"]["avant"]}
    assert found["totaux"]["avant"] == past


@pytest.mark.parametrize("name", TRIALS)
def test_parts_are_numbered_as_the_map_numbers_them(client: Client, name: str) -> None:
    modifications = TRIALS[name]
    found = client.post(HERE.format(DRAWN), json={"modifications": modifications}).json()
    parts = map_parts(scope_of(drawn()))["parties"]
    codes = list(map_values(scope_of(drawn()))["communes"]["code"])
    new = after(drawn(), modifications)
    atoms = new.atoms.table
    place = {row: zone for zone, rows in new.zone_atoms.items() for row in rows.tolist()}
    cut = is_cut(new.atoms).nonzero()[0].tolist()
    unit = [str(new.territory.codes[atoms["unit"].iloc[row]]) for row in cut]
    status = [STATUTS.index(new.zones["statut"][place[row]]) for row in cut]
    answered = list(parts["statut"])
    for rank, value in zip(found["parties"]["rang"], found["parties"]["statut"], strict=True):
        assert answered[rank] != value
        answered[rank] = value
    if name not in {"perimeter", "bare", "none", "less"}:
        assert [codes[row] for row in parts["commune"]] == unit
        assert answered == status
    if name == "none":
        assert CUT in [codes[parts["commune"][rank]] for rank in found["parties"]["rang"]]


def test_parts_keep_to_a_region(client: Client) -> None:
    def found(region: str) -> set[tuple[str, int]]:
        asked = {"modifications": TRIALS["none"]}
        parts = client.post(f"{HERE.format(DRAWN)}?region={region}", json=asked).json()["parties"]
        study = replace(drawn().study, regions=(region,) if region else ())
        scope = scope_of(replace(drawn(), study=study))
        commune = map_parts(scope)["parties"]["commune"]
        codes = [str(scope.communes.index[commune[rank]]) for rank in parts["rang"]]
        return set(zip(codes, parts["statut"], strict=True))

    own = {region: found(region) for region in ("84", "32")}
    assert own["84"]
    assert found("") == own["84"] | own["32"]


def test_a_commune_that_only_becomes_mixed_is_told() -> None:
    study = OpenStudy("essai", plain)
    outcome = TrialModel(plain()).outcome([])
    mixed = outcome.mixte.copy()
    mixed[3] = not mixed[3]
    told_of = orjson.loads(answer(filed_of(study.ground, ""), replace(outcome, mixte=mixed)))
    assert told_of["communes"]["rang"] == [3]
    assert told_of["communes"]["mixte"] == [int(mixed[3])]


def test_a_trial_may_be_limited_to_a_region(client: Client) -> None:
    asked = {"modifications": TRIALS["threshold"]}
    whole = client.post(HERE.format(PLAIN), json=asked).json()
    part = client.post(HERE.format(PLAIN) + "?region=32", json=asked).json()
    other = client.post(HERE.format(LIMITED), json=asked).json()
    assert part == other
    assert part["zones"]["region"] == ["32"] * len(part["zones"]["id"])
    assert len(part["zones"]["id"]) < len(whole["zones"]["id"])
    client.problem("POST", HERE.format(PLAIN) + "?region=99", 404, json=asked)


def test_the_study_never_changes(client: Client) -> None:
    first = client.post(HERE.format(PLAIN), json={"modifications": TRIALS["less"]}).json()
    client.post(HERE.format(PLAIN), json={"modifications": TRIALS["none"]})
    again = client.post(HERE.format(PLAIN), json={"modifications": TRIALS["less"]}).json()
    assert first == again
    undone = client.post(HERE.format(PLAIN), json={"modifications": []}).json()
    assert undone["communes"]["rang"] == []
    assert undone["totaux"]["avant"] == undone["totaux"]["apres"]


def test_faults_are_all_told_each_with_its_modification(client: Client) -> None:
    modifications = [
        {"action": "etp", "poste": 99, "etp": "1"},
        {"action": "etp", "poste": 0, "etp": "51"},
        {"action": "ajout_poste", "structure_id": "Z", "etp": "0"},
        {
            "action": "ajout_perimetre",
            "structure_id": "A",
            "nature": "principal",
            "niveau": "commune",
            "code": "99999",
        },
        {"action": "parametre", "nom": "seuil_reponse", "valeur": "2"},
    ]
    asked = {"modifications": modifications}
    faults = client.problem("POST", HERE.format(PLAIN), 422, json=asked)["erreurs"]
    ranks = [fault.split(" : ")[0] for fault in faults]
    assert ranks == [f"essai, modification {rank}" for rank in (1, 2, 3, 3, 4, 5)]
    assert all("→" in fault for fault in faults)


def test_one_model_serves_a_study(monkeypatch: pytest.MonkeyPatch) -> None:
    from api.v1 import trials  # noqa: PLC0415

    made: list[Coverage] = []
    model = trials.TrialModel

    def counted(coverage: Coverage) -> Any:  # noqa: ANN401
        made.append(coverage)
        return model(coverage)

    monkeypatch.setattr(trials, "TrialModel", counted)
    client = client_of(plain)
    for modifications in TRIALS.values():
        client.post(HERE.format(PLAIN), json={"modifications": modifications})
    assert len(made) == 1


# ---- exports of a trial ----


def test_a_trial_may_be_saved_and_says_what_it_is(client: Client) -> None:
    asked = {"modifications": TRIALS["etp"]}
    here = HERE.format(PLAIN) + "/exports/"
    new = after(plain(), TRIALS["etp"])
    answer = client.post(here + "communes.csv", json=asked)
    rows = list(csv.DictReader(io.StringIO(answer.text[1:]), delimiter=";"))
    assert [row["statut"] for row in rows] == list(communes_table(new).columns["statut"])
    assert "_2023_essai_communes.csv" in unquote(answer.headers["content-disposition"])
    document = client.post(here + "zones.geojson", json=asked).json()
    assert [feature["id"] for feature in document["features"]] == list(new.zones.index)
    assert document["provenance"]["essai"] == {
        "mention": "essai, non déposé",
        "modifications": TRIALS["etp"],
    }
    book = openpyxl.load_workbook(io.BytesIO(client.post(here + "zones.xlsx", json=asked).content))
    origin = dict(book["Provenance"].iter_rows(values_only=True))
    assert origin["essai.mention"] == "essai, non déposé"
    assert origin["essai.modifications.1.etp"] == "5.5"


def test_a_trial_is_saved_by_region(client: Client) -> None:
    here = HERE.format(PLAIN) + "/exports/zones.geojson?region=32"
    document = client.post(here, json={"modifications": TRIALS["etp"]}).json()
    assert {feature["properties"]["region"] for feature in document["features"]} == {"32"}
    assert document["provenance"]["regions"] == ["32"]


def test_trials_that_cannot_be_are_not_saved(client: Client) -> None:
    here = HERE.format(PLAIN) + "/exports/"
    wrong = {"modifications": [{"action": "retrait_poste", "poste": 99}]}
    assert client.problem("POST", here + "zones.csv", 422, json=wrong)["erreurs"]
    client.problem("POST", here + "etude.gpkg", 404, json={"modifications": []})


# ---- figures ----


def test_many_rates_are_rounded_as_each_is() -> None:
    random = seeded(7)
    close = [Fraction(k, 10**6) + Fraction(d, 10**9) for k in (3, 999_999) for d in (-1, 0, 1)]
    drawn_ones = [Fraction(random.randrange(3_000), random.randrange(1, 900)) for _ in range(40)]
    levels = np.array(sorted({*close, Fraction(1), *drawn_ones}), dtype=object)
    sizes = [random.randrange(4) for _ in range(400)]
    level = [rank for size in sizes for rank in sorted(random.sample(range(len(levels)), size))]
    means = Means(
        levels=levels,
        start=np.concatenate([[0], np.cumsum(sizes)]),
        level=np.array(level),
        hours=np.array([random.choice([1, 5, 10**6]) for _ in level], dtype=np.int64),
    )
    rows = np.array(random.sample(range(400), 300))
    assert rounded_rates(means, rows) == [rounded_down(rate) for rate in means.exact[rows]]
    exact = Means(
        levels[:0], np.zeros(3, dtype=int), np.zeros(0, dtype=int), np.zeros(0, dtype=int)
    )
    assert rounded_rates(exact, np.arange(2)) == [None, None]


def test_a_mean_at_the_edge_of_a_decimal_is_exact() -> None:
    levels = np.array([Fraction(1, 3), Fraction(5, 3)], dtype=object)
    pair = np.array([0, 1])
    half = Means(levels, np.array([0, 2]), pair, np.array([1, 1]))
    less = Means(levels, np.array([0, 2]), pair, np.array([10**17 + 1, 10**17]))
    assert less.floats[0] >= 1
    first = np.array([0])
    assert rounded_rates(half, first) == [1.0]
    assert rounded_rates(less, first) == [0.999999]
