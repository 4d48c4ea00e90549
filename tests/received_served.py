"""Workbooks received on a deposit of the toy study: sent, and decided as a browser does."""

from __future__ import annotations

import asyncio
import io
import re
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
from register_served import (
    SOUND,
    Planner,
    application,
    empty_register,
    key_of,
    toy_coverage,
    waited,
)
from toy import toy_territory

from api.register import Register
from data.store.engine import open_store
from data.uploads.bounded import Outcome
from data.workbooks.writer import study_workbook

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import httpx
    from fastapi import FastAPI


def workbook(sheets: Mapping[str, Sequence[Sequence[object]]]) -> bytes:
    """Return the workbook that structures are sent, filled."""
    book = openpyxl.load_workbook(io.BytesIO(study_workbook()))
    for name, rows in sheets.items():
        for row in rows:
            book[name].append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


NORD = workbook(
    {
        "structures": [["nord", "PLIE Nord"]],
        "postes": [["N1", "nord", "facilitateur", 1], ["N2", "nord", "facilitateur", 0.5]],
        "perimetres": [["nord", None, None, "departement", "01", "valide"]],
    }
)
BETA = workbook(
    {
        "structures": [["B", "Bêta, à l’est"]],
        "postes": [["P2", "B", "coordinateur", 2, None, "aap_2023"]],
    }
)
BROKEN = workbook({"structures": [["u", "Un", "35600000000049"]], "postes": [["", "u", "x", 60]]})


class Sound:
    """Stands for the reading of a deposit: nothing is wrong with it."""

    def __init__(self, *_: object, **__: object) -> None:
        """Read nothing."""

    def kill(self) -> None:
        """Do nothing: it is read already."""

    def run(self) -> Outcome:
        return Outcome("rendue", {"faults": [], "warnings": [], "summary": {"nom": "Essai"}})


@cache
def served() -> FastAPI:
    """Return the application, whose register each test opens anew."""
    return application(Path(tempfile.mkdtemp(prefix="recus-")))


@cache
def first_version() -> bytes:
    """Return the file of a register that has one version of the toy study."""
    with tempfile.TemporaryDirectory() as room:
        planner = opened(Path(room), empty_register())
        planner.freeze(planner.deposit(SOUND))
        closed(planner)
        return (Path(room) / "registre.sqlite").read_bytes()


def opened(folder: Path, content: bytes = b"") -> Planner:
    """Return a planner of the register of a folder, as a server that starts opens it."""
    path = folder / "registre.sqlite"
    if content:
        path.write_bytes(content)
    store = open_store(f"sqlite:///{path}")
    app = served()
    app.state.register = Register(store, loader=toy_territory, compute=toy_coverage)
    return Planner(app)


def closed(planner: Planner) -> None:
    planner.register.store.close()
    planner.register.store.reader.dispose()


def begun(planner: Planner) -> str:
    key = key_of(planner.post("/registre/essai/depots/modifications"))
    waited(planner.found(key))
    return key


def place(key: str) -> str:
    return f"/registre/depots/{key}/classeurs"


def send(planner: Planner, key: str, **books: bytes) -> httpx.Response:
    files = [("classeur", (f"{name}.xlsx", content)) for name, content in books.items()]
    return planner.ask("POST", place(key), files=files)


def compared(planner: Planner, key: str) -> str:
    """Return the page once the workbooks are compared."""
    planner.html(place(key))
    reading = planner.register.received.comparing(planner.found(key)).reading

    async def last() -> None:
        async for _ in reading.watch(600):
            pass

    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, last()).result()
    return planner.html(place(key))


def fields(page: str) -> dict[str, str]:
    """Return the form of the decisions as a browser would send it."""
    form = page[page.index('/classeurs/choix">') :]
    hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form)
    radios = re.findall(r'<input type="radio" name="([^"]*)" value="([^"]*)" checked>', form)
    return {name: unescape(value) for name, value in hidden + radios}


def names(page: str) -> dict[str, str]:
    """Return what each line is called → the name of its field."""
    lines = re.findall(r'<th scope="row">([^<]*)<span.*?name="(choix-[^"]*)"', page, re.DOTALL)
    return {unescape(name): field for name, field in lines}


def decide(planner: Planner, key: str, what: str = "enregistrer", **answers: str) -> httpx.Response:
    """Answer lines in the page, by the beginning of their name, and press a button."""
    page = compared(planner, key)
    known = names(page)
    told = {
        next(field for name, field in known.items() if name.startswith(start)): answer
        for start, answer in answers.items()
    }
    return planner.post(f"{place(key)}/choix", **(fields(page) | told), faire=what)
