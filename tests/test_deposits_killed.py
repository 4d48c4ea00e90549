"""A real server killed in the middle of the reading of a deposit: the next one reads it again."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
from databases import free_port, new_database
from register_served import SOUND
from toy import STUDY

from data.store.engine import open_store
from data.store.studies import study_of_slug, version_files, versions_of

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE_S = 180.0
FILES = {name: text.encode() for name, text in STUDY.items()}


@contextmanager
def serving(url: str, ends: str) -> Iterator[httpx.Client]:
    """Run a server, yield who asks it; kill it whatever happens."""
    port, script = free_port(), Path(__file__).with_name("deposit_server.py")
    command = [sys.executable, str(script), url, str(port), ends]
    root = script.parents[1]
    host = f"http://127.0.0.1:{port}"
    headers = {"accept": "text/html", "origin": host}
    with subprocess.Popen(
        command,
        cwd=root,
        env={"PYTHONPATH": f"{root}:{script.parent}", "PATH": "/usr/bin:/bin"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            with httpx.Client(base_url=host, headers=headers, timeout=PATIENCE_S) as client:
                until(lambda: answered(client))
                yield client
        finally:
            process.kill()


def answered(client: httpx.Client) -> bool:
    try:
        return client.get("/sante").is_success
    except httpx.TransportError:
        return False


def until(look: Any) -> Any:  # noqa: ANN401 - whatever is looked for
    """Return what a look finds, once it finds something."""
    deadline = time.monotonic() + PATIENCE_S
    while not (found := look()):
        assert time.monotonic() < deadline, "nothing came"
        time.sleep(0.1)
    return found


def test_a_server_killed_while_it_reads_a_deposit_loses_nothing(tmp_path: Path) -> None:
    url = new_database("sqlite", tmp_path)
    with serving(url, "ne finit pas") as first:
        sent = first.post("/registre/depots", files={"fichier": ("etude.zip", SOUND)})
        page = sent.headers["location"]
        until(lambda: "Chargement du territoire" in first.get(page).text)
    with serving(url, "finit") as second:
        assert "Mes dépôts en attente" in second.get("/registre").text
        until(lambda: "Figer cette version" in second.get(page).text)
        asked = {"depot": page.rpartition("/")[2], "identifiant": "essai", "nom": "Essai"}
        assert second.post("/registre/versions", data=asked).headers["location"] == (
            "/registre/essai"
        )
    store = open_store(url)
    with store.read() as session:
        (version,) = versions_of(session, study_of_slug(session, "essai").study_id)
        assert version_files(session, version.version_id) == FILES
    store.close()
