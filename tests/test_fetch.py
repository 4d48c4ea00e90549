"""Public files: whatever a publisher sends, the cache holds a sound copy or the former one."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st
from publisher import COLUMNS, GOOD, NEWER, Answer, Publisher, declared, publishing, wait_until

from data.fetch import copies, download
from data.fetch.copies import cached, home
from data.fetch.download import Patience, address_of, variable_of
from data.paths import CACHE_VARIABLE
from data.reference.sources import DeclaredSource, sources
from geo.errors import DataUnavailableError

if TYPE_CHECKING:
    from pathlib import Path

HURRIED = Patience(tries=3, pause_s=0.0, timeout_s=5.0)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "cache"


def fetch(source: DeclaredSource, said: list[str] | None = None, **options: object) -> copies.Copy:
    say = (lambda _line: None) if said is None else said.append
    settings = {"progress": lambda _received, _total: None, "patience": HURRIED, **options}
    return download.download(source, say=say, **settings)


def left(source: DeclaredSource) -> list[str]:
    folder = home(source)
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def at(publisher: Publisher, **changes: object) -> DeclaredSource:
    return declared(address=publisher.address, **changes)


def test_what_is_right_is_kept_with_its_stamp() -> None:
    seen: list[tuple[int, int | None]] = []
    day = "Tue, 06 May 2025 10:00:00 GMT"
    with publishing(Answer(GOOD, etag='"a"', modified=day)) as publisher:
        source = at(publisher)
        copy = fetch(source, progress=lambda received, total: seen.append((received, total)))
    assert copy.path.read_bytes() == GOOD
    assert copy.sha256 == hashlib.sha256(GOOD).hexdigest()
    assert (copy.columns, copy.modified, copy.size_bytes) == (COLUMNS, day, len(GOOD))
    assert cached(source) == copy
    assert left(source) == [f"{copy.sha256[:16]}/defm.csv", "copie.json"]
    assert seen[-1] == (len(GOOD), len(GOOD))
    assert publisher.asked[0]["User-Agent"].startswith("zones-blanches/")


def test_an_unchanged_file_is_not_sent_again() -> None:
    with publishing(Answer(GOOD, etag='"a"')) as publisher:
        source, said = at(publisher), []
        first = fetch(source)
        assert fetch(source, said) == first
    assert publisher.asked[1]["If-None-Match"] == '"a"'
    assert said == ["Source d’essai : la copie en cache est à jour."]


def test_a_date_alone_tells_that_nothing_changed() -> None:
    with publishing(Answer(GOOD, modified="Tue, 06 May 2025 10:00:00 GMT")) as publisher:
        source = at(publisher)
        assert fetch(source) == fetch(source)


def test_the_next_edition_takes_the_place_of_the_former() -> None:
    with publishing(Answer(GOOD, etag='"a"'), Answer(NEWER, etag='"b"')) as publisher:
        source = at(publisher)
        fetch(source)
        second = fetch(source)
    assert second.path.read_bytes() == NEWER
    assert left(source) == [f"{second.sha256[:16]}/defm.csv", "copie.json"]


def test_a_copy_of_another_address_is_not_taken_for_this_one() -> None:
    with publishing(Answer(GOOD, etag='"a"')) as one, publishing(Answer(NEWER, etag='"a"')) as two:
        fetch(at(one))
        assert fetch(at(two)).path.read_bytes() == NEWER
    assert "If-None-Match" not in two.asked[0]


@pytest.mark.parametrize("cut", [1, 100, len(GOOD) - 1])
def test_a_cut_transfer_is_resumed_where_it_stopped(cut: int) -> None:
    cut_short = Answer(GOOD, etag='"a"', cut=cut)
    with publishing(cut_short, Answer(GOOD, etag='"a"')) as publisher:
        assert fetch(at(publisher)).path.read_bytes() == GOOD
    assert publisher.asked[1]["Range"] == f"bytes={cut}-"
    assert publisher.asked[1]["If-Range"] == '"a"'


@given(cuts=st.lists(st.integers(1, len(GOOD) // 4), min_size=1, max_size=3))
def test_however_it_is_cut_the_file_is_whole(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int]
) -> None:
    sent, answers = 0, []
    for cut in cuts:
        answers.append(Answer(GOOD, etag='"a"', cut=cut))
        sent += cut
    with (
        pytest.MonkeyPatch.context() as patched,
        publishing(*answers, Answer(GOOD, etag='"a"')) as publisher,
    ):
        patched.setenv(CACHE_VARIABLE, str(tmp_path_factory.mktemp("cache")))
        copy = fetch(at(publisher), patience=replace(HURRIED, tries=len(cuts) + 1))
        assert copy.path.read_bytes() == GOOD
    assert publisher.asked[-1]["Range"] == f"bytes={sent}-"


def test_a_later_command_resumes_too() -> None:
    once = replace(HURRIED, tries=1)
    with publishing(Answer(GOOD, etag='"a"', cut=50), Answer(GOOD, etag='"a"')) as publisher:
        source = at(publisher)
        with pytest.raises(DataUnavailableError, match="50 octets reçus sur"):
            fetch(source, patience=once)
        assert left(source) == ["defm.csv.partiel", "defm.csv.partiel.json"]
        assert fetch(source, patience=once).path.read_bytes() == GOOD
    assert publisher.asked[1]["Range"] == "bytes=50-"


@pytest.mark.parametrize(
    ("first", "then"),
    [
        pytest.param('"a"', Answer(GOOD, etag='"a"', ranges=False), id="range ignored"),
        pytest.param('"b"', Answer(GOOD, etag='"a"'), id="edition changed between the parts"),
        pytest.param('"b"', Answer(GOOD, etag='"a"', careless=True), id="If-Range ignored"),
        pytest.param('"a"', Answer(GOOD, etag='"a"', shift=3), id="another range"),
        pytest.param('"a"', Answer(GOOD, etag='"a"', shift=9999), id="range refused"),
        pytest.param('W/"a"', Answer(GOOD, etag='W/"a"'), id="weak tag"),
        pytest.param("", Answer(GOOD), id="nothing to tell the edition by"),
    ],
)
def test_two_editions_are_never_sewn_together(first: str, then: Answer) -> None:
    with publishing(Answer(NEWER, etag=first, cut=60), then) as publisher:
        assert fetch(at(publisher)).path.read_bytes() == GOOD


def test_a_server_that_always_cuts_is_told_and_the_part_kept() -> None:
    with publishing(Answer(GOOD, length=len(GOOD) + 9, ranges=False)) as publisher:
        source, said = at(publisher), []
        with pytest.raises(DataUnavailableError, match="transfert coupé"):
            fetch(source, said)
    assert len(publisher.asked) == HURRIED.tries
    assert [line.rpartition(" ; ")[2] for line in said] == ["essai 2 sur 3…", "essai 3 sur 3…"]
    assert cached(source) is None


def test_a_fault_that_passes_is_tried_again() -> None:
    with publishing(Answer(status=500), Answer(status=503), Answer(GOOD)) as publisher:
        assert fetch(at(publisher)).path.read_bytes() == GOOD


def test_pauses_double(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(download.time, "sleep", pauses.append)
    with publishing(Answer(status=500)) as publisher:
        with pytest.raises(DataUnavailableError, match=r"en panne \(réponse 500\)"):
            fetch(at(publisher), patience=Patience(tries=4, pause_s=2.0))
        assert len(publisher.asked) == 4
    assert pauses == [2.0, 4.0, 8.0]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(status=404), "n’est plus à cette adresse (réponse 404)"),
        (Answer(status=410), "n’est plus à cette adresse (réponse 410)"),
        (Answer(status=403), "refuse la demande (réponse 403)"),
        (Answer(b"  <!DOCTYPE html><p>Portail"), "page web reçue au lieu des données"),
        (Answer(b"\xef\xbb\xbf<html>", kind="text/html"), "page web reçue au lieu des données"),
        (Answer(b""), "fichier vide"),
        (Answer(GOOD, encoding="gzip"), "réponse compressée (gzip)"),
        (Answer(GOOD, length=2_000_000), "plus de 1 Mo"),
        (Answer(GOOD * 700, length=-1), "plus de 1 Mo"),
        (Answer(status=302, location="file:///etc/hosts"), "redirection refusée"),
        (Answer(status=302, location="ftp://127.0.0.1/x"), "adresse refusée"),
    ],
)
def test_what_no_other_try_mends_is_told_at_once_and_leaves_nothing(
    answer: Answer, said: str
) -> None:
    with publishing(answer) as publisher:
        source = at(publisher)
        with pytest.raises(DataUnavailableError) as error:
            fetch(source)
    assert said in str(error.value)
    assert str(error.value).startswith("Source d’essai : ")
    assert len(publisher.asked) == 1
    assert cached(source) is None
    assert not list(home(source).rglob("defm.csv"))


def test_a_redirection_on_the_web_is_followed() -> None:
    with publishing(Answer(GOOD)) as there:
        here = Answer(status=302, location=there.address)
        with publishing(here) as publisher:
            assert fetch(at(publisher)).path.read_bytes() == GOOD


def test_a_redirection_without_end_is_left() -> None:
    with publishing(Answer(status=301, location="/donnees")) as publisher:
        with pytest.raises(DataUnavailableError, match="sans fin"):
            fetch(at(publisher))
        assert len(publisher.asked) < 20


def test_a_silent_server_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download.time, "sleep", lambda _s: None)
    short = Patience(tries=2, pause_s=0, timeout_s=0.2)
    with publishing(Answer(GOOD, stall_s=5)) as publisher:
        with pytest.raises(DataUnavailableError, match="s’est tu pendant le transfert"):
            fetch(at(publisher), patience=short)
        assert len(publisher.asked) == 2


def test_a_closed_port_is_told_with_its_host() -> None:
    with pytest.raises(DataUnavailableError, match=r"serveur « 127\.0\.0\.1 » injoignable"):
        fetch(declared(), patience=replace(HURRIED, tries=1))


@pytest.mark.parametrize("address", ["file:///etc/hosts", "ftp://x/y", "/etc/hosts", "http:///x"])
def test_an_address_out_of_the_web_is_refused(address: str) -> None:
    with pytest.raises(DataUnavailableError, match="adresse refusée"):
        fetch(declared(address=address))


def test_a_renamed_column_is_told_with_what_it_became() -> None:
    renamed = GOOD.replace(b"Code commune", b"Code de la commune")
    with publishing(Answer(GOOD, etag='"a"'), Answer(renamed, etag='"b"')) as publisher:
        source = at(publisher)
        first = fetch(source)
        with pytest.raises(DataUnavailableError) as error:
            fetch(source)
    text = str(error.value)
    assert "colonne attendue absente : « Code commune »" in text
    assert "(la plus proche reçue : « Code de la commune »)" in text
    assert "colonnes nouvelles : « Code de la commune »" in text
    assert "« Nombre »" not in text
    assert f"la copie du {first.received[:10]} (2 ko) est gardée" in text
    assert cached(source) == first
    assert first.path.read_bytes() == GOOD
    assert not list(home(source).glob("*.partiel*"))


def test_a_pinned_file_is_checked_and_asked_once() -> None:
    digest = hashlib.sha256(GOOD).hexdigest()
    with publishing(Answer(GOOD)) as publisher:
        source = at(publisher, sha256=digest)
        assert fetch(source) == fetch(source)
        assert len(publisher.asked) == 1
        other = replace(source, key="autre", sha256="0" * 64)
        with pytest.raises(DataUnavailableError, match="ce n’est pas le fichier attendu"):
            fetch(other)
        assert cached(other) is None


def test_offline_the_network_is_never_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with publishing(Answer(GOOD)) as publisher:
        source = at(publisher)
        with pytest.raises(DataUnavailableError, match="telecharger essai-defm"):
            fetch(source, offline=True)
        assert not publisher.asked
        first = fetch(source)
    monkeypatch.setattr(download, "transfer", None)
    assert fetch(source, offline=True) == first


def test_an_altered_copy_is_not_used_and_is_fetched_again() -> None:
    with publishing(Answer(GOOD, etag='"a"')) as publisher:
        source = at(publisher)
        copy = fetch(source)
        copy.path.write_bytes(NEWER)
        assert cached(source) is not None, "the size alone does not tell"
        with pytest.raises(DataUnavailableError, match="aucune copie utilisable"):
            fetch(source, offline=True)
        assert fetch(source).path.read_bytes() == GOOD
        assert "If-None-Match" not in publisher.asked[1]


@pytest.mark.parametrize("spoil", ["", "{}", "[1]", '{"sha256": 5}', "not json"])
def test_a_spoilt_stamp_is_no_copy(spoil: str) -> None:
    with publishing(Answer(GOOD)) as publisher:
        source = at(publisher)
        fetch(source)
        (home(source) / "copie.json").write_text(spoil)
        assert cached(source) is None
        assert fetch(source).path.read_bytes() == GOOD


def test_a_kill_before_the_stamp_leaves_the_former_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    with publishing(Answer(GOOD, etag='"a"'), Answer(NEWER, etag='"b"')) as publisher:
        source = at(publisher)
        first = fetch(source)

        def killed(*_args: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(copies, "_stamp", killed)
        with pytest.raises(KeyboardInterrupt):
            fetch(source)
    assert copies.verified(source) == first


def test_two_commands_fetch_one_after_the_other() -> None:
    waiting, said = Event(), []

    def say(line: str) -> None:
        said.append(line)
        waiting.set()

    with publishing(Answer(GOOD)) as publisher:
        source = at(publisher)
        home(source).parent.mkdir(parents=True)
        settings = {"say": say, "progress": lambda *_: None, "patience": HURRIED}
        other = Thread(target=download.download, args=(source,), kwargs=settings)
        with FileLock(home(source).with_name("essai-defm.lock")):
            other.start()
            wait_until(waiting)
            assert not publisher.asked
        other.join(timeout=10)
    assert said[0].endswith("attente de sa fin…")
    assert cached(source) is not None


def test_a_cache_that_cannot_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "fichier").touch()
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "fichier"))
    with pytest.raises(DataUnavailableError, match="écriture impossible"):
        fetch(declared())


def test_an_environment_variable_gives_a_mirror(monkeypatch: pytest.MonkeyPatch) -> None:
    source = declared()
    assert variable_of(source) == "ZONES_BLANCHES_SOURCE_ESSAI_DEFM"
    with publishing(Answer(GOOD)) as publisher:
        monkeypatch.setenv(variable_of(source), f" {publisher.address} ")
        assert address_of(source) == publisher.address
        assert fetch(source).address == publisher.address


def test_a_package_is_not_fetched_here() -> None:
    with pytest.raises(DataUnavailableError, match="préparé par le programme"):
        fetch(sources()["cog"])
