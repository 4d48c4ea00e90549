"""The tables of a deposit in pages: faults in place, rows changed once, nothing typed lost."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest
from keyed import keyed
from pages_served import words
from register_served import SOUND, Near, Planner, application, holder, toy_coverage, waited
from toy import STUDY, toy_territory
from upload_archives import zipped

from api.pages.tables import PAGE_ROWS
from api.register import Register
from data.study.proposal_tables import FINANCEMENTS
from data.study.sources_tables import EVERY_TABLE
from data.study.tables import POSTES, TABLES
from data.uploads import check
from data.workbooks.writer import study_workbook

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

    from api.deposits.deposit import Deposit

FILES = {name: text.encode() for name, text in STUDY.items()}
NEW_POST = {"poste_id": "P9", "structure_id": "B", "volet": "facilitateur", "etp": "0,8"}


class Tables:
    """What someone changes in the toy study, deposited."""

    def __init__(self, planner: Planner) -> None:
        self.planner = planner
        self.key = planner.deposit(SOUND)
        self.address = f"/registre/depots/{self.key}/tables"

    @property
    def deposit(self) -> Deposit:
        return self.planner.found(self.key)

    def files(self) -> dict[str, bytes]:
        return dict(self.deposit.brought.files)

    def page(self, path: str = "") -> str:
        return words(self.planner.html(f"{self.address}{path}"))

    def fields(self, path: str) -> dict[str, str]:
        """Return what a browser would send of a form that nobody touched."""
        return fields_of(self.planner.html(f"{self.address}{path}"))

    def save(self, path: str, sent: dict[str, str], **cells: str) -> httpx.Response:
        typed = {f"c-{name}": text for name, text in cells.items()}
        answer = self.planner.post(f"{self.address}{path}", **{**sent, **typed})
        waited(self.deposit)
        return answer


def fields_of(html: str) -> dict[str, str]:
    form = html[html.index('<form class="ligne-saisie"') :].partition("</form>")[0]
    found = dict(
        re.findall(
            r'<input(?: type="hidden")?(?: id="[^"]*")? name="([^"]*)" value="([^"]*)"', form
        )
    )
    for select in re.findall(r"<select.*?</select>", form, re.DOTALL):
        name = re.search(r'name="([^"]*)"', select)
        chosen = re.search(r'<option value="([^"]*)" selected>', select)
        assert name
        found[name[1]] = chosen[1] if chosen else ""
    ticked = re.findall(r'type="checkbox" id="[^"]*" name="([^"]*)" value="([^"]*)" checked', form)
    for name, value in ticked:
        found[name] = f"{found[name]}|{value}" if name in found else value
    return {name: unescape(text) for name, text in found.items()}


@pytest.fixture(scope="module")
def planner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planner]:
    """Return a planner whose deposits are read in this process: it takes no time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(check, "Bounded", Near)
        yield Planner(application(tmp_path_factory.mktemp("registre")))


@pytest.fixture
def tables(planner: Planner) -> Tables:
    return Tables(planner)


def test_every_table_is_listed_and_its_form_holds_every_column(tables: Tables) -> None:
    page = tables.page()
    assert f'href="{tables.address}"' in tables.planner.html(f"/registre/depots/{tables.key}")
    for table in EVERY_TABLE:
        assert table.name in page
        form = tables.planner.html(f"{tables.address}/{table.name}/ajout")
        named = set(re.findall(r'name="c-([^"]*)"', form))
        assert named == {column.name for column in table.columns}
        assert all(
            column.description.partition(",")[0] in unescape(form) for column in table.columns
        )
        for column in table.columns:
            if column.kind == "enum":
                assert all(f'<option value="{value}"' in form for value in column.choices)
    assert tables.planner.ask("GET", f"{tables.address}/autre").status_code == 404
    assert tables.planner.ask("GET", f"{tables.address}/postes/lignes/9").status_code == 404


def test_a_row_is_changed_added_and_removed_then_frozen(tables: Tables) -> None:
    sent, seen = tables.fields("/postes/lignes/5"), tables.deposit.revision
    answer = tables.save("/postes/lignes/5", sent, etp="0,80", financement="AAP_2023")
    assert answer.headers["location"] == f"{tables.address}/postes?page=1&fait={seen + 1}#ligne-5"
    assert tables.deposit.changes == ("postes : ligne 5 modifiée (etp : 1.25 → 0,8)",)
    shown = words(tables.planner.html(answer.headers["location"].partition("#")[0]))
    assert "Enregistré dans le dépôt – postes : ligne 5 modifiée" in shown

    answer = tables.save("/postes/ajout", tables.fields("/postes/ajout"), **NEW_POST)
    assert answer.headers["location"].endswith("#ligne-6")
    page = tables.planner.html(f"{tables.address}/postes/lignes/3/retrait")
    sent = dict(re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', page))
    assert "La ligne 3 sera retirée de postes.csv" in words(page)
    assert tables.save("/postes/lignes/3/retrait", sent).status_code == 303
    expected = STUDY["postes.csv"].splitlines(keepends=True)
    expected[4] = expected[4].replace("1.25", '"0,8"')
    expected += ['P9,B,facilitateur,"0,8",,,,\n']
    del expected[2]
    assert tables.files()["postes.csv"].decode() == "".join(expected)
    assert tables.planner.freeze(tables.key, slug="changee").status_code == 303
    assert tables.planner.files("changee", 1) == FILES | {"postes.csv": "".join(expected).encode()}


def test_a_form_that_nobody_touched_changes_nothing(tables: Tables) -> None:
    for table, line in zip(TABLES, (3, 2, 3, 2, 3), strict=True):
        path = f"/{table.name}/lignes/{line}"
        assert tables.save(path, tables.fields(path)).status_code == 303
    assert tables.deposit.changes == ()
    assert tables.files() == FILES


def test_a_faulty_row_is_refused_in_place_and_what_was_typed_is_kept(tables: Tables) -> None:
    typed = NEW_POST | {"etp": "soixante", "volet": "facilitateurs", "debut": "31/02/2023"}
    typed |= {"structure_id": 'Z"<b>'}
    answer = tables.save("/postes/ajout", tables.fields("/postes/ajout"), **typed)
    assert answer.status_code == 422
    assert fields_of(answer.text).items() >= {f"c-{k}": v for k, v in typed.items()}.items()
    for name in ("etp", "volet", "debut", "structure_id"):
        field = re.search(rf'<(?:input|select) id="c-{name}"[^>]*>', answer.text)
        assert field
        assert 'aria-invalid="true"' in field[0]
        (described,) = re.findall('aria-describedby="([^"]*)"', field[0])
        assert all(f'id="{each}"' in answer.text for each in described.split())
        assert f'href="#c-{name}"' in answer.text
    assert "n’existe pas au calendrier" in answer.text
    assert tables.files() == FILES
    assert tables.deposit.changes == ()


def test_what_the_last_reading_found_is_shown_in_its_cell(tables: Tables) -> None:
    broken = STUDY["postes.csv"].replace("P2,B", "P1,B").replace("0.5", "zéro")
    tables.deposit.amend({"postes.csv": broken.encode()}, "essai", tables.deposit.revision)
    waited(tables.deposit)
    page = tables.planner.html(f"{tables.address}/postes")
    row = page[page.index('id="ligne-2"') :].partition("</tr>")[0]
    assert "zéro" in row
    assert "ne se lit pas comme un nombre" in row
    (described,) = re.findall('aria-describedby="([^"]*)"', row)
    assert all(f'id="{each}"' in row for each in described.split())
    assert 'id="ligne-3"' not in tables.planner.html(f"{tables.address}/postes?en_erreur=oui")
    form = words(tables.planner.html(f"{tables.address}/postes/lignes/2"))
    assert "ne se lit pas comme un nombre" in form
    assert re.search(r"postes .* postes.csv 2", tables.page())
    # Mended in its form, the study is sound again.
    assert (
        tables.save("/postes/lignes/2", tables.fields("/postes/lignes/2"), etp="0,5").status_code
        == 303
    )
    assert (
        tables.save(
            "/postes/lignes/5", tables.fields("/postes/lignes/5"), poste_id="P2"
        ).status_code
        == 303
    )
    assert "Figer cette version" in tables.planner.html(f"/registre/depots/{tables.key}")


def test_two_tabs_lose_nothing(tables: Tables) -> None:
    mine, other = tables.fields("/postes/lignes/5"), tables.fields("/postes/lignes/2")
    adding = tables.fields("/postes/ajout")
    page = tables.planner.html(f"{tables.address}/postes/lignes/3/retrait")
    removing = dict(re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', page))
    assert tables.save("/postes/lignes/3/retrait", removing).status_code == 303
    now = tables.files()

    # The row moved up: it is found by what it says, and the form leads there.
    answer = tables.save("/postes/lignes/5", mine, etp="3")
    assert answer.status_code == 409
    assert "modifié ailleurs" in answer.text
    assert f'action="{tables.address}/postes/lignes/4"' in answer.text
    again = fields_of(answer.text)
    assert again["c-etp"] == "3"
    assert tables.files() == now
    assert tables.save("/postes/lignes/4", again).status_code == 303
    # The row itself changed elsewhere: what was typed may be added.
    answer = tables.save("/postes/lignes/5", mine, etp="4")
    assert answer.status_code == 409
    assert "n’est plus telle que vous l’avez vue" in answer.text
    assert f'action="{tables.address}/postes/ajout"' in answer.text
    assert fields_of(answer.text)["c-etp"] == "4"
    for path, sent in (("/postes/ajout", adding), ("/postes/lignes/2", other)):
        answer = tables.save(path, sent, **NEW_POST)
        assert answer.status_code == 409
        assert fields_of(answer.text)["c-etp"] == "0,8"
    assert tables.save("/postes/lignes/3/retrait", removing).status_code == 409
    assert len(tables.deposit.changes) == 2


def test_a_long_table_is_shown_by_pages_and_searched(tables: Tables) -> None:
    rows = "".join(f"S{n},Structure n° {n}\n" for n in range(PAGE_ROWS + 20))
    content = f"structure_id,nom\nA,Âme\nB,Bêta\n{rows}".encode()
    tables.deposit.amend({"structures.csv": content}, "essai", tables.deposit.revision)
    waited(tables.deposit)
    first, second = (tables.planner.html(f"{tables.address}/structures?page={n}") for n in (1, 2))
    lines = [int(line) for line in re.findall(r'id="ligne-(\d+)"', first + second)]
    assert lines == list(range(2, PAGE_ROWS + 24))
    assert re.findall(
        r'id="ligne-(\d+)"', tables.planner.html(f"{tables.address}/structures?cherche=ame")
    ) == ["2"]
    assert "Aucune ligne ne répond" in tables.page("/structures?cherche=introuvable")
    assert "La page 9 n’existe pas" in tables.page("/structures?page=9")
    answer = tables.save(
        "/structures/lignes/60", tables.fields("/structures/lignes/60"), nom="Neuf"
    )
    assert "?page=2&" in answer.headers["location"]


def test_a_study_in_a_workbook_and_a_table_begun(planner: Planner) -> None:
    book = study_workbook({"structures": [{"structure_id": "A", "nom": "Alpha"}]})
    key = planner.deposit(zipped({"etude.toml": STUDY["etude.toml"], "etude.xlsx": book}))
    address = f"/registre/depots/{key}/tables"
    form = planner.html(f"{address}/postes/ajout")
    sent = fields_of(form)
    assert "Écrit dans etude.xlsx, feuille postes." in words(form)
    assert "formules" not in form
    cells = {f"c-{name}": text for name, text in (NEW_POST | {"structure_id": "A"}).items()}
    assert planner.post(f"{address}/postes/ajout", **{**sent, **cells}).status_code == 303
    waited(planner.found(key))
    assert "P9" in planner.html(f"{address}/postes")
    sent = fields_of(planner.html(f"{address}/{FINANCEMENTS.name}/ajout"))
    cells = {f"c-{c.name}": c.example for c in FINANCEMENTS.columns} | {"c-poste_id": "P9"}
    assert (
        planner.post(f"{address}/{FINANCEMENTS.name}/ajout", **{**sent, **cells}).status_code == 303
    )
    assert "financements.csv" in planner.found(key).brought.files
    waited(planner.found(key))


def test_what_is_refused_or_frozen_is_not_changed(tables: Tables) -> None:
    bad = tables.planner.deposit(b"rien d'une archive")
    assert tables.planner.ask("GET", f"/registre/depots/{bad}/tables").status_code == 422
    sent = tables.fields("/postes/ajout")
    assert tables.planner.freeze(tables.key, slug="figee").status_code == 303
    for path in ("", "/postes", "/postes/lignes/2"):
        assert tables.planner.ask("GET", f"{tables.address}{path}").status_code == 404
    answer = tables.planner.post(f"{tables.address}/postes/ajout", **sent)
    assert answer.status_code == 404


def test_a_planner_changes_only_studies_of_their_region(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "Bounded", Near)
    door = keyed(tmp_path)
    door.app.state.register = Register(door.store, loader=toy_territory, compute=toy_coverage)

    own = holder(door, "planificateur", "11")
    key = own.deposit(SOUND)
    assert own.freeze(key).status_code == 303
    assert own.post("/registre/essai/depots/modifications").status_code == 303
    other = holder(door, "planificateur", "32")
    reader = holder(door, "lecteur", "")
    assert other.post("/registre/essai/depots/modifications").status_code == 403
    # Be it theirs, a deposit on the study of another région is not changed.
    register: Register = door.app.state.register
    for who in (other, reader):
        theirs = register.prepare(who.name, "essai")
        address = f"/registre/depots/{theirs.key}/tables/{POSTES.name}"
        cells = {f"c-{name}": text for name, text in NEW_POST.items()}
        sent = {"vu": str(theirs.revision), "marque": "", **cells}
        for path in ("/ajout", "/lignes/2", "/lignes/2/retrait"):
            assert who.post(f"{address}{path}", **sent).status_code == 403
        assert theirs.changes == ()
        waited(theirs)
