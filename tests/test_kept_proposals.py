"""Proposals that the register keeps: found again after a restart, made anew when it is asked."""

from __future__ import annotations

import shutil
import sqlite3
import time
from dataclasses import replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from asking import PAGE, Client
from hypothesis import given
from hypothesis import strategies as st
from pages_served import words
from proposals_served import APPLICATION, FORM, JSON, RICH, toy_coverage
from register_served import empty_register
from test_propose import TOY, write

from api import proposing
from api.app import create_app
from api.filed import mark_of, with_filed
from api.jobs import kept_proposals
from api.jobs.kinds import proposing as computation_of
from api.register import Register
from api.settings import Settings
from api.studies import OpenStudy, Studies
from coverage.proposals.model import ExactPlan, Extension
from coverage.study import compute
from data.results.kept_plan import PLAN_FILE, KeptPlan, kept_plan_json, read_kept_plan
from data.store import jobs
from data.store.engine import open_store
from data.store.opinions import record_opinion
from data.store.studies import add_version, create_study
from data.study.reader import read_study

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from api.background import Progress

ASK = "/etudes/riche/propositions/calcul"
ARCHIVE = "/etudes/riche/exports/propositions.zip"


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """Return the folder of a server that computed proposals, and all their files."""
    room = tmp_path_factory.mktemp("premier")
    (room / "registre.sqlite").write_bytes(empty_register())
    write(room / "riche", RICH, APPLICATION)
    client = started(room)
    assert client.post(ASK, headers=FORM).status_code == 303
    assert ended(client).state == "terminee"
    answer = client.get(ARCHIVE)
    assert answer.status_code == 200
    return room, answer.content


@pytest.fixture
def room(first: tuple[Path, bytes], tmp_path: Path) -> Path:
    """Return a copy of that folder, as the server left it."""
    shutil.copytree(first[0] / "riche", tmp_path / "riche")
    left = sqlite3.connect(first[0] / "registre.sqlite")
    copy = sqlite3.connect(tmp_path / "registre.sqlite")
    left.backup(copy)
    left.close()
    copy.close()
    return tmp_path


def started(room: Path, load: Callable[[Path], Any] = toy_coverage) -> Client:
    """Return a server just started on a register and a study folder."""
    folder = room / "riche"
    study = OpenStudy(
        "riche",
        partial(load, folder),
        partial(with_filed, folder=folder),
        mark=partial(mark_of, folder),
    )
    url = f"sqlite:///{room / 'registre.sqlite'}"
    settings = Settings(requests_per_minute=1_000_000, plan_seconds=60, database=url)
    return Client(create_app(settings, Studies([study]), register=Register(open_store(url))))


def ended(client: Client) -> Progress:
    """Wait for the end of what is asked of the study; return its last state."""
    study = client.app.state.studies.find("riche")
    computation = computation_of(client.app.state, study)
    while (progress := computation.progress).under_way or (
        progress.state == "terminee" and computation.result is None
    ):
        time.sleep(0.02)
    return progress


def page(client: Client, name: str = "propositions") -> str:
    answer = client.get(f"/etudes/riche/{name}", headers=PAGE)
    assert answer.status_code == 200, answer.text
    return words(answer.text)


def taken_up(room: Path) -> Client:
    """Return a server just started, that has taken up what the register has."""
    client = started(room)
    page(client)
    assert ended(client).state == "terminee"
    return client


def test_the_same_files_before_and_after_a_restart(
    first: tuple[Path, bytes], room: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    def searched(*_: object, **__: object) -> None:
        raise AssertionError("the plan is kept: it is not searched again")

    monkeypatch.setattr(proposing, "exact_plan", searched)
    again = started(room)
    said = page(again)
    assert "Reprise du plan gardé" in said or "Liste classée" in said
    assert ended(again).state == "terminee"
    assert again.get(ARCHIVE).content == first[1]
    assert "Recalculer" in page(again)
    assert len(again.app.state.jobs.lately()) == 1


def test_a_result_stays_shown_until_the_new_one_is_there(
    room: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = taken_up(room)
    former = client.get("/api/v1/etudes/riche/plan").json()
    assert "ont changé depuis" not in page(client)
    (room / "riche" / "candidatures" / "alpha.toml").unlink()
    said = page(client, "budget")
    assert "Les candidatures ou les avis ont changé depuis ce calcul." in said
    # Asked without a word, what is done is not done again.
    client.post(ASK, headers=FORM)
    assert len(client.app.state.jobs.lately()) == 1

    decide = proposing.decide

    def looked(*args: Any, on_step: Callable[[str], None], **options: Any) -> Any:  # noqa: ANN401
        on_step("Options et règles de l’appel")
        assert "Un nouveau calcul est en cours" in page(client)
        assert client.get("/api/v1/etudes/riche/plan").json() == former
        # Its first stage was told above.
        steps = iter(range(100))
        return decide(
            *args, on_step=lambda words: on_step(words) if next(steps) else None, **options
        )

    monkeypatch.setattr(proposing, "decide", looked)
    client.post(f"{ASK}?nouveau=1", headers=FORM)
    assert ended(client).state == "terminee", ended(client)
    assert "ont changé depuis" not in page(client)
    assert client.get("/api/v1/etudes/riche/plan").json() != former
    # Every server shows the last one.
    monkeypatch.undo()
    other = taken_up(room)
    assert other.get(ARCHIVE).content == client.get(ARCHIVE).content


def test_a_new_computation_that_fails_leaves_the_former(room: Path) -> None:
    client = taken_up(room)
    path = room / "riche" / "candidatures" / "alpha.toml"
    sound = path.read_text()
    path.write_text(sound.replace("etp_facilitateur = 0.75", 'etp_facilitateur = "x"'))
    asked = client.post("/api/v1/etudes/riche/propositions/calcul?nouveau=1", headers=JSON)
    assert asked.status_code == 202
    assert ended(client).state == "echouee"
    said = page(client)
    assert "Le nouveau calcul n’a pas abouti" in said
    assert "candidatures/alpha.toml" in said
    assert "Liste classée" in said
    # After a restart too: the folder has changed, and changes back.
    path.write_text(sound)
    again = started(room)
    page(again)
    assert ended(again).state == "echouee"
    while computation_of(again.app.state, again.app.state.studies.find("riche")).result is None:
        time.sleep(0.02)
    assert "Liste classée" in page(again)


@pytest.mark.parametrize("changed", ["programme", "étude", "candidatures"])
def test_what_cannot_be_found_again_says_why_and_is_computed_anew(
    room: Path, changed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    load: Callable[[Path], Any] = toy_coverage
    if changed == "programme":
        monkeypatch.setattr(kept_proposals, "VERSION", "99.0")
        expected = "par une autre version du programme"
    elif changed == "étude":
        with (room / "riche" / "besoins.csv").open("a", encoding="utf-8") as file:
            file.write("\n")
        load = _read
        expected = "l’étude ou le territoire de référence a changé"
    else:
        (room / "riche" / "candidatures" / "alpha.toml").unlink()
        expected = "les candidatures ont changé"
    again = started(room, load)
    said = page(again)
    assert "Le calcul est à recommencer" in said
    assert expected in said
    assert again.get("/api/v1/etudes/riche/plan").status_code == 409
    assert "Recommencer le calcul" in said
    if changed == "candidatures":
        again.post(ASK, headers=FORM)
        assert ended(again).state == "terminee"
        assert "Liste classée" in page(again)


def _read(folder: Path) -> Any:  # noqa: ANN401 - a coverage
    return compute(read_study(folder, TOY), TOY)


def test_a_result_is_that_of_the_opinions_of_then(tmp_path: Path) -> None:
    (tmp_path / "registre.sqlite").write_bytes(empty_register())
    store = open_store(f"sqlite:///{tmp_path / 'registre.sqlite'}")
    with store.write("Anne") as write_:
        study = create_study(write_, "riche", "Riche", "")
        files = {name: text.encode() for name, text in RICH.items()}
        version = add_version(write_, study.study_id, files, "")
        named = {"inscrite": "riche", "version": 1}
        asked = jobs.enqueue(write_, "ouverture", version.version_id, named)
    jobs.take(store, "hier", asked.job_id)
    jobs.finish(store, asked.job_id, {})

    def served() -> Client:
        settings = Settings(requests_per_minute=1_000_000, database=str(store.writer.url))
        register = Register(store, compute=lambda folder, **_: toy_coverage(folder))
        return Client(create_app(settings, Studies([]), register=register))

    client = served()
    client.post(ASK, headers=FORM)
    assert ended(client).state == "terminee"
    before = client.get(ARCHIVE).content
    first = client.get("/api/v1/etudes/riche/propositions").json()[0]["option_id"]
    with store.write("Luc") as write_:
        target = (first, "", "", "")
        day = date(2023, 6, 1)
        record_opinion(
            write_, study.study_id, target, instance="copil", day=day, avis="refuse", motif="Non"
        )
    again = served()
    page(again)
    assert ended(again).state == "terminee"
    assert again.get(ARCHIVE).content == before
    assert "Les candidatures ou les avis ont changé depuis ce calcul." in page(again)


def test_a_plan_chosen_among_other_options_is_refused(room: Path) -> None:
    client = taken_up(room)
    queue = client.app.state.jobs
    (job,) = queue.lately()
    kept = read_kept_plan(queue.files(job.job_id)[PLAN_FILE])
    assert kept is not None
    study = client.app.state.studies.find("riche")
    wrong = replace(kept, options=kept.options[1:])
    with pytest.raises(ArithmeticError, match="parmi d’autres options"):
        kept_proposals.propose_study(study, 60, lambda _: None, wrong)
    # One that tells more than it attains is refused by the independent check.
    first = next(iter(kept.plan.attained))
    attained = {**kept.plan.attained, first: kept.plan.attained[first] + 1}
    boast = replace(kept, plan=replace(kept.plan, attained=attained))
    with pytest.raises(ArithmeticError, match="ne s’accordent pas"):
        kept_proposals.propose_study(study, 60, lambda _: None, boast)


def test_a_stop_is_seen_by_the_page(room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = taken_up(room)

    def stopped(*_: object, on_step: Callable[[str], None], **__: object) -> None:
        on_step("Options et règles de l’appel")
        client.post("/etudes/riche/propositions/arret", headers=FORM)
        on_step("Liste classée")
        raise AssertionError("stopped above")

    monkeypatch.setattr(proposing, "decide", stopped)
    client.post(f"{ASK}?nouveau=1", headers=FORM)
    assert ended(client).state == "annulee"
    assert "Le nouveau calcul a été arrêté" in page(client)
    events = client.get("/etudes/riche/propositions/evenements")
    assert '"etat":"annulee"' in events.text


names = st.text(min_size=1, max_size=8)
counts = st.integers(0, 2**40)
extensions = st.builds(
    Extension,
    extension_id=names,
    structure_id=names,
    structure_name=names,
    scope=st.lists(names, max_size=3).map(tuple),
    units=st.lists(counts, max_size=3).map(tuple),
    zone_ids=st.lists(names, max_size=2).map(tuple),
    region=names,
    origin=names,
    served=st.lists(st.tuples(counts, counts), max_size=2).map(tuple),
)
plans = st.builds(
    ExactPlan,
    chosen=st.lists(counts, max_size=4).map(tuple),
    attained=st.dictionaries(names, counts, max_size=3),
    bounds=st.dictionaries(names, counts, max_size=3),
    mode=st.sampled_from(["certifie", "rapide"]),
    zones=st.lists(names, max_size=2).map(tuple),
    extensions=st.lists(extensions, max_size=2).map(tuple),
)


@given(
    st.builds(
        KeptPlan,
        plan=plans,
        program=names,
        study=names,
        mark=names,
        options=st.lists(names, max_size=3).map(tuple),
    )
)
def test_a_plan_kept_reads_back_the_same_goals_in_order(kept: KeptPlan) -> None:
    read = read_kept_plan(kept_plan_json(kept))
    assert read == kept
    assert list(read.plan.attained) == list(kept.plan.attained)
    other = kept_plan_json(kept).replace(b'"forme": 1', b'"forme": 2', 1)
    assert read_kept_plan(other) is None
