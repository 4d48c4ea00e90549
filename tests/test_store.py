"""The register: studies and versions, what is frozen, what is refused, what the audit says."""

from __future__ import annotations

import hashlib
import shutil
import stat
import subprocess
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

import pytest
from databases import KINDS, new_database, run_sql
from sqlalchemy.exc import DBAPIError

from api.settings import read_settings
from data.store import drafts, jobs, opinions, scenarios, studies, tokens
from data.store.audit import audit_of, audit_since
from data.store.contents import digest_of_all
from data.store.engine import open_store
from data.store.errors import BusyError, DamagedError, MissingError, RegisterError, TakenError
from geo.errors import InputErrors, OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from data.store.engine import Store
    from data.store.studies import Study

NUMBERS = count(1)
FILES = {"etude.toml": b"format_version = 1\n", "sources/a.csv": bytes(range(256)), "vide.csv": b""}


@pytest.fixture(scope="module", params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    return new_database(request.param, tmp_path_factory.mktemp("registre"))


@pytest.fixture(scope="module")
def store(url: str) -> Iterator[Store]:
    opened = open_store(url)
    yield opened
    opened.close()


@pytest.fixture
def study(store: Store) -> Study:
    with store.write("essai") as write:
        return studies.create_study(write, f"essai-{next(NUMBERS)}", "Étude d’essai", "53")


def test_a_version_comes_back_byte_for_byte(store: Store, study: Study) -> None:
    with store.write("Bretagne") as write:
        first = studies.add_version(write, study.study_id, FILES, "dépôt")
    with store.read() as session:
        assert studies.version_files(session, first.version_id) == FILES
        assert studies.versions_of(session, study.study_id) == [first]
        assert studies.study_of_slug(session, study.slug) == study
        assert study in studies.studies(session)
    assert (first.number, first.file_count, first.author) == (1, 3, "Bretagne")


def test_the_digest_is_what_sha256sum_says_of_the_folder(
    store: Store, study: Study, tmp_path: Path
) -> None:
    with store.write("essai") as write:
        made = studies.add_version(write, study.study_id, FILES, "")
    folder = tmp_path / "étude"
    with store.read() as session:
        studies.materialise(session, made.version_id, folder)
    sha256sum = shutil.which("sha256sum")
    if sha256sum is None:
        pytest.skip("no sha256sum here")
    listed = subprocess.run(
        [sha256sum, *sorted(FILES)], cwd=folder, capture_output=True, check=True
    )
    assert hashlib.sha256(listed.stdout).hexdigest() == made.digest
    assert {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()} == set(FILES)


def test_the_order_of_files_changes_nothing(store: Store, study: Study) -> None:
    with store.write("essai") as write:
        one = studies.add_version(write, study.study_id, FILES, "")
        other = studies.add_version(write, study.study_id, dict(reversed(FILES.items())), "")
    assert (one.digest, one.number) == (other.digest, other.number - 1)


def test_restoring_is_a_new_version_with_the_same_files(store: Store, study: Study) -> None:
    with store.write("essai") as write:
        first = studies.add_version(write, study.study_id, FILES, "")
        second = studies.add_version(write, study.study_id, {"autre.csv": b"x"}, "")
        third = studies.restore(write, first.version_id, "retour")
    with store.read() as session:
        assert studies.version_files(session, third.version_id) == FILES
        assert studies.version_files(session, second.version_id) == {"autre.csv": b"x"}
    assert (third.number, third.restored_from, third.digest) == (3, first.version_id, first.digest)


def test_a_content_is_kept_once(store: Store, url: str, study: Study) -> None:
    content = study.slug.encode()
    with store.write("essai") as write:
        studies.add_version(write, study.study_id, {"a": content, "b": content}, "")
        studies.add_version(write, study.study_id, {"c": content}, "")
    digest = hashlib.sha256(content).hexdigest()
    assert run_sql(url, f"SELECT count(*) FROM blobs WHERE digest = '{digest}'") == [(1,)]  # noqa: S608


def test_a_write_that_fails_leaves_nothing(store: Store, study: Study) -> None:
    with store.read() as session:
        before = audit_since(session, limit=10**6)
    with pytest.raises(ZeroDivisionError):
        _write_then_fail(store, study)
    with store.read() as session:
        assert studies.versions_of(session, study.study_id) == []
        assert audit_since(session, limit=10**6) == before


def _write_then_fail(store: Store, study: Study) -> None:
    with store.write("essai") as write:
        studies.add_version(write, study.study_id, {"perdu.csv": b"perdu"}, "")
        raise ZeroDivisionError


def _frozen_rows(store: Store, study: Study) -> None:
    with store.write("essai") as write:
        studies.add_version(write, study.study_id, FILES, "")
        scenarios.save_scenario(write, study.study_id, "A", {}, None)
        opinions.record_opinion(
            write,
            study.study_id,
            ("", "S1", "", ""),
            instance="copil",
            day=date(2023, 5, 12),
            avis="favorable",
        )


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("versions", "note"),
        ("version_files", "digest"),
        ("blobs", "content"),
        ("scenario_revisions", "content"),
        ("opinions", "avis"),
        ("audit", "actor"),
    ],
)
def test_frozen_rows_refuse_any_hand(
    store: Store, url: str, study: Study, table: str, column: str
) -> None:
    _frozen_rows(store, study)
    everything = f"SELECT * FROM {table} ORDER BY 1, 2"  # noqa: S608 - names written above
    before = run_sql(url, everything)
    attempts = [
        f"UPDATE {table} SET {column} = {column}",  # noqa: S608
        f"DELETE FROM {table}",  # noqa: S608
    ]
    if url.startswith("sqlite"):
        attempts.append(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")  # noqa: S608
    else:
        attempts.append(f"TRUNCATE {table} CASCADE")
    for each in attempts:
        with pytest.raises(Exception, match="frozen"):
            run_sql(url, each)
    assert run_sql(url, everything) == before


def test_a_frozen_version_gets_no_other_file(store: Store, url: str, study: Study) -> None:
    with store.write("essai") as write:
        made = studies.add_version(write, study.study_id, FILES, "")
    more = f"SELECT {made.version_id}, 'de-plus', min(digest) FROM blobs"  # noqa: S608
    with pytest.raises(Exception, match="frozen"):
        run_sql(url, f"INSERT INTO version_files (version_id, path, digest) {more}")


def test_what_reads_cannot_write(store: Store, study: Study) -> None:
    with (
        pytest.raises((DBAPIError, RegisterError)),
        store.read() as session,
    ):
        session.connection().exec_driver_sql(
            f"UPDATE studies SET name = 'x' WHERE id = {study.study_id}"  # noqa: S608
        )


def test_a_reading_sees_one_state(store: Store, study: Study) -> None:
    with store.read() as session:
        assert studies.versions_of(session, study.study_id) == []
        with store.write("essai") as write:
            studies.add_version(write, study.study_id, FILES, "")
        session.expire_all()
        assert studies.versions_of(session, study.study_id) == []
    with store.read() as session:
        assert len(studies.versions_of(session, study.study_id)) == 1


@pytest.mark.parametrize(
    ("paths", "said"),
    [
        (["../a"], "sort du dossier"),
        (["/a"], "sort du dossier"),
        (["a//b"], "sort du dossier"),
        (["c:/a"], "sort du dossier"),
        (["a\\b"], "interdits"),
        (["a\nb"], "interdits"),
        (["a\0"], "interdits"),
        (["\ud800"], "interdits"),
        ([""], "nom vide"),
        (["x" * 300], "nom vide"),
        (["A.csv", "a.csv"], "même nom"),
        (["é.csv", "e\u0301.csv"], "même nom"),
        (["a", "a/b"], "même nom"),
        (["a", "A/b/c"], "même nom"),
        ([], "sans aucun fichier"),
    ],
)
def test_names_that_cannot_be_are_refused(
    store: Store, study: Study, paths: list[str], said: str
) -> None:
    with pytest.raises(InputErrors, match=said), store.write("essai") as write:
        studies.add_version(write, study.study_id, dict.fromkeys(paths, b""), "")


def test_every_name_refused_is_told_at_once(store: Store, study: Study) -> None:
    with pytest.raises(InputErrors) as refused, store.write("essai") as write:
        studies.add_version(write, study.study_id, {"../a": b"", "/b": b"", "bon.csv": b""}, "")
    assert len(refused.value.faults) == 2


def test_studies_that_cannot_be_are_refused(store: Store, study: Study) -> None:
    with pytest.raises(InputErrors) as refused, store.write("essai") as write:
        studies.create_study(write, "Étude !", "x", "Bretagne")
    assert len(refused.value.faults) == 2
    with pytest.raises(TakenError, match="existe déjà"), store.write("essai") as write:
        studies.create_study(write, study.slug, "autre", "")
    with pytest.raises(InputErrors, match="nom"), store.write("essai") as write:
        studies.create_study(write, "autre", " \n ", "")


def test_what_is_not_there_is_said(store: Store) -> None:
    with store.read() as session:
        for asked in (
            lambda: studies.study(session, 10**6),
            lambda: studies.study_of_slug(session, "absente"),
            lambda: studies.study_of_slug(session, "a\0"),
            lambda: studies.study_of_slug(session, "\ud800"),
            lambda: scenarios.scenario(session, 1, "a\0\ud800"),
            lambda: studies.version_files(session, 10**6),
        ):
            with pytest.raises(MissingError):
                asked()


def test_a_folder_with_something_in_it_is_left_alone(
    store: Store, study: Study, tmp_path: Path
) -> None:
    with store.write("essai") as write:
        made = studies.add_version(write, study.study_id, FILES, "")
    (tmp_path / "mien").mkdir()
    (tmp_path / "mien" / "a.txt").write_text("à moi")
    with store.read() as session, pytest.raises(OutputError):
        studies.materialise(session, made.version_id, tmp_path / "mien")
    assert [p.name for p in tmp_path.rglob("*")] == ["mien", "a.txt"]


def test_a_damaged_content_is_never_served(store: Store, url: str, study: Study) -> None:
    # As a failing disk would: past the triggers.
    content = f"{study.slug} rare".encode()
    with store.write("essai") as write:
        made = studies.add_version(write, study.study_id, {"a": content}, "")
    digest = hashlib.sha256(content).hexdigest()
    sqlite = url.startswith("sqlite")
    other = "x'00'" if sqlite else "'\\x00'"
    damage = f"UPDATE blobs SET content = {other} WHERE digest = '{digest}'"  # noqa: S608
    if sqlite:
        (kept,) = run_sql(url, "SELECT sql FROM sqlite_master WHERE name = 'frozen_blobs_update'")
        run_sql(url, "DROP TRIGGER frozen_blobs_update", damage, kept[0])
    else:
        run_sql(url, "SET session_replication_role = replica", damage)
    with store.read() as session, pytest.raises(DamagedError, match="abîmé"):
        studies.version_files(session, made.version_id)
    with pytest.raises(DamagedError), store.write("essai") as write:
        studies.restore(write, made.version_id, "")


def test_every_kind_of_write_leaves_its_line_in_the_audit(store: Store, study: Study) -> None:
    with store.read() as session:
        last = max((line.entry_id for line in audit_since(session, limit=10**6)), default=0)
    with store.write("Marie, DREETS") as write:
        made = studies.add_version(write, study.study_id, FILES, "")
        studies.restore(write, made.version_id, "")
        scenarios.save_scenario(write, study.study_id, "A", {"x": 1}, None)
        scenarios.restore_scenario(write, study.study_id, "A", 1, 1)
        opinions.record_opinion(
            write,
            study.study_id,
            ("", "S1", "", ""),
            instance="copil",
            day=date(2023, 5, 12),
            avis="reserve",
        )
        drafts.save_draft(write, "Marie", "depot", study.slug, {}, None)
        drafts.discard_draft(write, "Marie", "depot", study.slug)
        job = jobs.enqueue(write, "calculer", made.version_id, {})
        jobs.cancel(write, job.job_id)
        tokens.issue_token(write, "lecture", "lecteur", "", write.now + timedelta(days=1))
        tokens.revoke(write, tokens.tokens(write.session)[-1].token_id)
    with store.read() as session:
        lines = audit_since(session, last)
        of_version = audit_of(session, "version", made.version_id)
    assert [(line.action, line.kind) for line in lines] == [
        ("figer", "version"),
        ("reprendre", "version"),
        ("enregistrer", "scenario"),
        ("enregistrer", "scenario"),
        ("donner", "avis"),
        ("enregistrer", "brouillon"),
        ("jeter", "brouillon"),
        ("demander", "tache"),
        ("annuler", "tache"),
        ("creer", "jeton"),
        ("revoquer", "jeton"),
    ]
    assert {line.actor for line in lines} == {"Marie, DREETS"}
    assert (lines[3].before["revision"], lines[3].after["revision"]) == (1, 2)
    assert of_version[0].after["empreinte"] == digest_of_all(
        {path: hashlib.sha256(content).hexdigest() for path, content in FILES.items()}
    )


def test_instants_are_aware_and_those_of_the_clock(url: str) -> None:
    summer = datetime(2026, 7, 1, 14, 30, 15, 123456, tzinfo=UTC)
    paris = summer.astimezone(datetime.now().astimezone().tzinfo)
    store = open_store(url, clock=lambda: paris)
    try:
        with store.write("essai") as write:
            made = studies.create_study(write, "horloge", "Horloge", "")
        with store.read() as session:
            found = studies.study(session, made.study_id).created_at
        assert (found, found.tzinfo) == (summer, UTC)
    finally:
        store.close()


@pytest.mark.parametrize("actor", ["", "  ", "\0", "x" * 300])
def test_nobody_writes_without_a_name(store: Store, actor: str) -> None:
    with pytest.raises(InputErrors), store.write(actor):
        pytest.fail("written")


@pytest.mark.parametrize("kind", KINDS)
def test_a_write_that_waits_too_long_is_told_so(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data.store.address.WAIT_MS", 100)
    url = new_database(kind, tmp_path)
    one, other = open_store(url), open_store(url)
    try:
        with one.write("un"):
            with pytest.raises(BusyError, match="rien n’a été écrit"), other.write("deux"):
                pytest.fail("two writers at once")
            with other.read() as session:
                assert studies.studies(session) == []
        with other.write("deux") as write:
            studies.create_study(write, "apres", "Après", "")
    finally:
        one.close()
        other.close()


@pytest.mark.parametrize(
    "address",
    [
        "n’importe quoi",
        "mysql://moi:motdepasse@hote/base",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:////absent/motdepasse.sqlite",
        "postgresql+psycopg://moi:motdepasse@127.0.0.1:1/base",
    ],
)
def test_an_address_that_cannot_be_is_said_without_its_secret(address: str) -> None:
    with pytest.raises(RegisterError) as refused:
        open_store(address)
    assert "→" in str(refused.value)
    assert ":motdepasse" not in str(refused.value)


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "photo.sqlite"
    path.write_bytes(b"\x89PNG" * 1000)
    with pytest.raises(RegisterError, match="pas une base"):
        open_store(f"sqlite:///{path}")
    assert path.read_bytes() == b"\x89PNG" * 1000


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "registre.sqlite"
    open_store(f"sqlite:///{path}").close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert run_sql(f"sqlite:///{path}", "PRAGMA journal_mode") == [("wal",)]


def test_the_address_given_to_the_server_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    address = "postgresql+psycopg://registre:motdepasse@base.exemple.fr/registre"
    monkeypatch.setenv("ZONES_BLANCHES_BASE", address)
    told = read_settings()
    assert told.database is not None
    assert told.database.get_secret_value() == address
    assert "motdepasse" not in f"{told!r} {told} {told.model_dump_json()}"
    monkeypatch.setenv("ZONES_BLANCHES_BASE", "")
    assert read_settings().database is None
