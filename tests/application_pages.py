"""Applications filled in pages: a complete form as texts, and what a browser would send."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

from register_served import waited
from test_applications import SOUND as FILED

from data.applications.drafted import settled
from data.applications.form import FORM
from data.applications.form_reading import read_form
from data.applications.form_texts import texts_of
from data.calls.read import read_call

if TYPE_CHECKING:
    import httpx
    from register_served import Planner

    from api.deposits.deposit import Deposit

CALL = read_call()
FILE = FILED.encode()
TEXTS = settled(texts_of(read_form(FILE, "candidatures/alpha.toml", CALL)[0]))
"""Every box of a sound application on the toy territory, as typed."""


class Candidature:
    """One application of a deposit, at someone's browser."""

    def __init__(self, planner: Planner, key: str, name: str = "alpha") -> None:
        self.planner, self.key = planner, key
        self.home = f"/registre/depots/{key}/candidatures"
        self.address = f"{self.home}/{name}"

    @property
    def deposit(self) -> Deposit:
        return self.planner.found(self.key)

    @property
    def file(self) -> bytes:
        path = f"candidatures/{self.address.rpartition('/')[2]}.toml"
        return self.deposit.brought.files.get(path, b"")

    def begin(self, structure: str = "") -> Candidature:
        name = self.address.rpartition("/")[2]
        answer = self.planner.post(self.home, nom=name, structure=structure)
        assert answer.status_code == 303, answer.text
        return self

    def page(self, part: str = "") -> str:
        return self.planner.html(f"{self.address}/{part}" if part else self.address)

    def sent(self, part: str) -> dict[str, str]:
        """Return what a browser would send of a part that nobody touched."""
        return fields_of(self.page(part))

    def save(
        self, part: str, texts: dict[str, str], sent: dict[str, str] | None = None, what: str = ""
    ) -> httpx.Response:
        typed = {f"c-{key}": text for key, text in texts.items()}
        shown = self.sent(part) if sent is None else sent
        return self.planner.post(f"{self.address}/{part}", **{**shown, **typed}, faire=what)

    def fill(self, texts: dict[str, str]) -> None:
        for part in FORM:
            own = {key: text for key, text in texts.items() if key.startswith(f"{part}.")}
            assert self.save(part, own).status_code == 303

    def put(self, sent: dict[str, str] | None = None) -> httpx.Response:
        answer = self.planner.post(f"{self.address}/depot", **(sent or hidden(self.page())))
        waited(self.deposit)
        return answer


def fields_of(html: str) -> dict[str, str]:
    form = html[html.index('<form class="ligne-saisie"') :].partition("</form>")[0]
    found = dict(
        re.findall(
            r'<input(?: type="hidden")?(?: id="[^"]*")? name="([^"]*)" value="([^"]*)"', form
        )
    )
    found |= dict(
        re.findall(r'<textarea id="[^"]*" name="([^"]*)"[^>]*>\n(.*?)</textarea>', form, re.DOTALL)
    )
    for select in re.findall(r"<select.*?</select>", form, re.DOTALL):
        name = re.search(r'name="([^"]*)"', select)
        chosen = re.search(r'<option value="([^"]*)" selected>', select)
        assert name
        found[name[1]] = chosen[1] if chosen else ""
    return {name: unescape(text) for name, text in found.items()}


def hidden(html: str) -> dict[str, str]:
    """Return the hidden fields of the form that puts an application in its deposit."""
    form = html[html.index('/depot">') :].partition("</form>")[0]
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form)
    return {name: unescape(text) for name, text in found}
