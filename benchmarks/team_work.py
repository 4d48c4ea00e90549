"""What the people of a team do on a server, each act a few requests, and what it acknowledges."""

from __future__ import annotations

import asyncio
import re
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from team_study import SLUG, STRUCTURES

if TYPE_CHECKING:
    import random
    from collections.abc import Awaitable, Callable, Sequence

    import httpx

ETUDE, API = f"/etudes/{SLUG}", f"/api/v1/etudes/{SLUG}"
SHARED = ("Moitié de l’enveloppe", "Deux postes de plus", "Sans extension")
"""Scenarios that everyone saves over one another."""

_PAGES = (
    "",
    "/zones",
    "/communes",
    "/structures",
    "/donnees",
    "/propositions",
    "/scenarios",
    "/avis",
)
_LISTS = ("/communes?limite=100", "/zones", "/structures", "/scenarios", "/avis", "")
_OK, _CREATED, _LED, _CONFLICT = 200, 201, 303, 409
_LOOKS_S = 0.5
_PATIENCE_S = 600


class WrongAnswerError(Exception):
    """An answer that nobody expects."""


@dataclass
class Ledger:
    """What was measured and acknowledged, by all together.

    Attributes
    ----------
    took
        Kind of request → seconds of each answer.
    conflicts
        Kind → writes refused because someone else was faster.
    scenarios
        (name, revision, words) of each revision acknowledged.
    opinions, notes
        Words of each opinion, note of each version acknowledged.
    """

    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    conflicts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    scenarios: list[tuple[str, int, str]] = field(default_factory=list)
    opinions: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


@dataclass
class Person:
    """One client: their key, their draws, what they see."""

    number: int
    http: httpx.AsyncClient
    ledger: Ledger
    draw: random.Random
    tables: Sequence[bytes]
    acts: int = 0

    async def work(self, until: float, pause_s: float) -> None:
        """Act again and again until an instant of the clock; a wrong answer is noted."""
        kinds, weights = list(_ACTS), [weight for _, weight in _ACTS.values()]
        while time.monotonic() < until:
            kind = self.draw.choices(kinds, weights)[0]
            self.acts += 1
            try:
                await _ACTS[kind][0](self)
            except Exception as error:  # noqa: BLE001 - whatever goes wrong is what is looked for
                self.ledger.wrong.append(f"{kind}: {error!r}")
            await asyncio.sleep(self.draw.uniform(0, 2 * pause_s))

    async def ask(
        self,
        kind: str,
        method: str,
        path: str,
        *expected: int,
        **options: Any,  # noqa: ANN401
    ) -> httpx.Response:
        """Ask, and time the answer.

        Raises
        ------
        WrongAnswerError
            When its status is none of those expected, 200 unless told.
        """
        start = time.perf_counter()
        answer = await self.http.request(method, path, **options)
        self.ledger.took[kind].append(time.perf_counter() - start)
        if answer.status_code not in (expected or (_OK,)):
            raise WrongAnswerError(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        if answer.status_code == _CONFLICT:
            self.ledger.conflicts[kind] += 1
        return answer

    def words(self) -> str:
        """Return words that nobody else writes."""
        return f"écrit {self.number}-{self.acts}"


async def read_page(person: Person) -> None:
    """Open a page."""
    await person.ask("page", "GET", ETUDE + person.draw.choice(_PAGES))


async def read_register(person: Person) -> None:
    """Open the register, then the study there."""
    await person.ask("register page", "GET", "/registre")
    await person.ask("register page", "GET", f"/registre/{SLUG}")


async def read_values(person: Person) -> None:
    """Ask for the values of the map."""
    await person.ask("map values", "GET", f"{API}/valeurs")


async def read_list(person: Person) -> None:
    """Ask for a list of the API."""
    await person.ask("API list", "GET", API + person.draw.choice(_LISTS))


async def try_out(person: Person) -> None:
    """Move a post."""
    await person.ask("what-if", "POST", f"{API}/essais", json={"modifications": [_edit(person)]})


async def save_scenario(person: Person) -> None:
    """Save a scenario over what was last seen of it, as others do."""
    listed = (await person.ask("API list", "GET", f"{API}/scenarios")).json()
    name = person.draw.choice(SHARED)
    seen = next((each["revision"] for each in listed if each["nom"] == name), None)
    # Long enough for someone else to save between.
    await asyncio.sleep(person.draw.uniform(0, _LOOKS_S))
    words = person.words()
    content = {"nom": name, "revision": seen, "description": words}
    content["modifications"] = [_edit(person)]
    saved = await person.ask(
        "scenario saved", "POST", f"{API}/scenarios", _OK, _CONFLICT, json=content
    )
    if saved.status_code == _OK:
        person.ledger.scenarios.append((name, saved.json()["scenario"]["revision"], words))


async def give_opinion(person: Person) -> None:
    """Say something of a structure."""
    words = person.words()
    said = {
        "structure_id": person.draw.choice(STRUCTURES),
        "instance": person.draw.choice(("copil", "facilitateurs", "dreets")),
        "date": "2023-11-20",
        "avis": person.draw.choice(("favorable", "reserve", "defavorable")),
        "motif": words,
    }
    await person.ask("opinion", "POST", f"{API}/avis", _CREATED, json=said)
    person.ledger.opinions.append(words)


async def change_draft(person: Person) -> None:
    """Open the next version as a draft, look at a table, throw the draft away."""
    opened = await person.ask(
        "draft", "POST", f"/registre/{SLUG}/depots/modifications", _LED, data={"rien": ""}
    )
    address = opened.headers["location"]
    await _checked(person, address)
    await person.ask("draft", "GET", address)
    await person.ask("draft", "POST", f"{address}/abandon", _LED, data={"rien": ""})


async def deposit(person: Person) -> None:
    """Deposit a table over the last version; freeze it, unless someone was faster."""
    table = {"fichier": ("besoins.csv", person.draw.choice(person.tables))}
    sent = await person.ask("deposit", "POST", f"/registre/{SLUG}/depots", _LED, files=table)
    address = sent.headers["location"]
    await _checked(person, address)
    words = person.words()
    asked = {"depot": address.rpartition("/")[2], "note": words}
    frozen = await person.ask(
        "version frozen", "POST", "/registre/versions", _LED, _CONFLICT, data=asked
    )
    if frozen.headers.get("location") == f"/registre/{SLUG}":
        person.ledger.notes.append(words)
        return
    person.ledger.conflicts["version frozen"] += frozen.status_code == _LED
    await person.ask("deposit", "POST", f"{address}/abandon", _LED, data={"rien": ""})


async def compare(person: Person) -> None:
    """Ask for two scenarios to be compared; follow the computation, or give it up."""
    listed = (await person.ask("API list", "GET", f"{API}/scenarios")).json()
    if not listed:
        return
    chosen = {"a": "etude", "b": str(person.draw.choice(listed)["numero"])}
    asked = await person.ask(
        "job asked", "POST", f"{ETUDE}/scenarios/comparaison/calcul", _LED, data=chosen
    )
    number = re.search(r"/calculs/(\d+)", asked.headers["location"])
    if number is None:
        return
    address = f"/api/v1/calculs/{number[1]}"
    if person.draw.random() < 1 / 4:
        await person.ask("job stopped", "POST", f"{address}/arret", json={})
    await finished(person, address)


async def finished(person: Person, address: str) -> str:
    """Look at a computation until its end; return its state.

    Raises
    ------
    WrongAnswerError
        When it fails, or does not end.
    """
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until:
        told = (await person.ask("job looked at", "GET", address)).json()["tache"]
        if told["etat"] == "echouee":
            raise WrongAnswerError(f"{address}: {told}")
        if told["etat"] not in ("en_attente", "en_cours"):
            return str(told["etat"])
        await asyncio.sleep(_LOOKS_S)
    raise WrongAnswerError(f"{address}: no end")


async def _checked(person: Person, address: str) -> None:
    """Follow the reading of a deposit to its end."""
    start = time.perf_counter()
    async with person.http.stream("GET", f"{address}/evenements") as events:
        async for _ in events.aiter_raw():
            pass
    person.ledger.took["deposit checked"].append(time.perf_counter() - start)


def _edit(person: Person) -> dict[str, Any]:
    etp = f"{person.draw.randrange(1, 80) / 20:.2f}"
    return {"action": "etp", "poste": person.draw.randrange(len(STRUCTURES)), "etp": etp}


_ACTS: dict[str, tuple[Callable[[Person], Awaitable[None]], int]] = {
    "page": (read_page, 60),
    "register": (read_register, 10),
    "values": (read_values, 30),
    "list": (read_list, 30),
    "what-if": (try_out, 24),
    "scenario": (save_scenario, 20),
    "opinion": (give_opinion, 12),
    "draft": (change_draft, 2),
    "deposit": (deposit, 3),
    "job": (compare, 3),
}
"""What people do, and how often."""
