"""Applications that come as workbooks; by what they are judged, and who sees them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import openpyxl
import pytest
from application_pages import CALL, FILE, TEXTS, Candidature
from keyed import keyed
from pages_served import words
from register_served import SOUND, Near, Planner, application, holder, toy_coverage, waited
from toy import STUDY, toy_territory
from upload_archives import zipped

from api.limits import DEPOSITS
from api.register import Register
from data.applications import received
from data.applications.drafted import settled
from data.applications.form_reading import read_form
from data.applications.form_texts import texts_of
from data.applications.form_workbook import form_workbook, read_form_workbook
from data.uploads import check
from data.uploads.bounded import Outcome
from geo.errors import InputErrors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import httpx

BOOK = form_workbook(read_form(FILE, "candidatures/alpha.toml", CALL)[0])
DOOR = "classeur-candidature"


class Here:
    """Stands for the process of a workbook: the same function, in this process."""

    def __init__(
        self, function: Callable[..., object], args: Sequence[object], **_: object
    ) -> None:
        self._function, self._args = function, args

    def run(self) -> Outcome:
        return Outcome("rendue", self._function(*self._args))


@pytest.fixture(scope="module")
def planner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planner]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(check, "Bounded", Near)
        patch.setattr(received, "Bounded", Here)
        yield Planner(application(tmp_path_factory.mktemp("registre")))


@pytest.fixture(scope="module")
def key(planner: Planner) -> str:
    return planner.deposit(SOUND)


def send(planner: Planner, key: str, content: bytes, name: str, title: str = "") -> httpx.Response:
    path = f"/registre/depots/{key}/{DOOR}"
    data, files = {"nom": title}, {"classeur": (name, content)}
    return planner.ask("POST", path, data=data, files=files)


def spoilt(book: bytes) -> bytes:
    """Return a workbook with a number that is none, and a text that goes to no box."""
    opened = openpyxl.load_workbook(io.BytesIO(book))
    for sheet in opened.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value == 0.75:
                    cell.value = "beaucoup"
                    sheet.cell(cell.row, cell.column + 8, "une remarque")
    out = io.BytesIO()
    opened.save(out)
    return out.getvalue()


def test_the_workbook_that_leaves_holds_what_the_study_knows(planner: Planner, key: str) -> None:
    answer = planner.ask("GET", f"/registre/depots/{key}/{DOOR}?structure=A")
    assert answer.headers["content-disposition"] == 'attachment; filename="candidature-A.xlsx"'
    assert answer.headers["cache-control"] == "private, no-store"
    form, _ = read_form_workbook(answer.content, "x.xlsx", CALL)
    assert form.get("porteur.nom") == "Alpha"
    assert planner.ask("GET", f"/registre/depots/{key}/{DOOR}?structure=Z").status_code == 404
    assert planner.ask("GET", f"/registre/depots/{key}/{DOOR}").status_code == 200


def test_a_workbook_comes_back_as_a_draft_and_goes_out_again(planner: Planner, key: str) -> None:
    assert DEPOSITS.fullmatch(f"/registre/depots/{key}/{DOOR}")
    answer = send(planner, key, BOOK, "Alpha, du Sud.xlsx")
    made = Candidature(planner, key, "alpha-du-sud")
    assert answer.headers["location"] == made.address
    typed = {name.removeprefix("c-"): text for name, text in made.sent("budget").items()}
    assert typed.items() >= {k: t for k, t in TEXTS.items() if k.startswith("budget.")}.items()
    again = planner.ask("GET", f"{made.address}/classeur").content
    form, _ = read_form_workbook(again, "x.xlsx", CALL)
    assert settled(texts_of(form)) == TEXTS
    assert made.put().status_code == 303
    # A name that is taken replaces nothing.
    answer = send(planner, key, BOOK, "x.xlsx", "Alpha du Sud")
    assert answer.status_code == 422
    assert "s’appelle déjà" in words(answer.text)


def test_what_a_workbook_says_oddly_is_kept_and_told(planner: Planner, key: str) -> None:
    assert send(planner, key, spoilt(BOOK), "odd.xlsx").status_code == 303
    made = Candidature(planner, key, "odd")
    page = words(made.page())
    assert "À la lecture du classeur" in page
    assert "une remarque" in page
    assert made.sent("demande")["c-demande.etp_facilitateur"] == "beaucoup"
    assert made.put().status_code == 422


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.ods", b"PK", "n’est pas un classeur .xlsx"),
        ("x.xlsx", b"rien", "contenu qui n’est pas"),
        ("x.xlsx", b"", "fichier vide"),
        ("x.xlsx", b"0" * (received.MOST_BYTES + 1), "au plus"),
        ("", b"", "aucun fichier n’est joint"),
    ],
)
def test_what_is_no_workbook_is_refused(
    planner: Planner, key: str, name: str, content: bytes, said: str
) -> None:
    answer = send(planner, key, content, name)
    assert answer.status_code == 422
    assert said in words(answer.text)


def test_a_workbook_is_read_in_a_process_of_its_own() -> None:
    texts, _ = received.received_form("alpha.xlsx", BOOK)
    assert settled(texts) == TEXTS


def test_a_reading_that_does_not_end_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Late(Here):
        def run(self) -> Outcome:
            return Outcome("duree", message="la lecture a duré plus de temps")

    monkeypatch.setattr(received, "Bounded", Late)
    with pytest.raises(InputErrors, match="plus de temps"):
        received.received_form("alpha.xlsx", BOOK)


def test_drafts_are_judged_by_the_version_of_their_study_that_is_served(planner: Planner) -> None:
    files = STUDY | {"candidatures/alpha.toml": FILE}
    assert planner.freeze(planner.deposit(zipped(files)), slug="jugee").status_code == 303
    key = planner.post("/registre/jugee/depots/modifications").headers["location"][-32:]
    waited(planner.found(key))
    made = Candidature(planner, key)
    assert "aucune version calculée" in words(made.page())
    assert planner.serve(1, "jugee").startswith("/etudes/")
    planner.html("/etudes/jugee")
    page = words(made.page())
    assert "jugées sur la version 1 de l’étude" in page
    assert "règles respectées" in page
    made.save("demande", {"demande.etp_total": "9"})
    assert "contraire à l’appel" in words(made.page("demande"))


def test_only_who_may_change_a_study_sees_its_applications(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "Bounded", Near)
    door = keyed(tmp_path)
    door.app.state.register = Register(door.store, loader=toy_territory, compute=toy_coverage)

    own = holder(door, "planificateur", "11")
    key = own.deposit(zipped(STUDY | {"candidatures/alpha.toml": FILE}))
    assert own.freeze(key).status_code == 303
    mine = own.post("/registre/essai/depots/modifications").headers["location"]
    assert own.post(f"{mine}/candidatures", nom="Bêta").status_code == 303
    assert own.ask("GET", f"{mine}/candidatures/alpha/porteur").status_code == 200
    register: Register = door.app.state.register
    for who in (holder(door, "planificateur", "32"), holder(door, "lecteur", "")):
        assert who.ask("GET", f"{mine}/candidatures/alpha/porteur").status_code == 404
        theirs = register.prepare(who.name, "essai")
        waited(theirs)
        base = f"/registre/depots/{theirs.key}"
        paths = ("candidatures", "candidatures/alpha", "candidatures/alpha/porteur", DOOR)
        for path in (*paths, "candidatures/alpha/classeur"):
            assert who.ask("GET", f"{base}/{path}").status_code == 403
        for path in ("", "/alpha/porteur", "/alpha/depot", "/alpha/nom", "/alpha/retrait"):
            assert who.post(f"{base}/candidatures{path}", nom="x").status_code == 403
        assert send(who, theirs.key, BOOK, "alpha.xlsx").status_code == 403
        assert theirs.changes == ()
