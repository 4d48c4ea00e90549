"""Applications in a deposit: filled by parts, saved whatever they say, put in only when sound."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest
from application_pages import CALL, FILE, TEXTS, Candidature, fields_of, hidden
from effort import tried
from hypothesis import given, settings
from hypothesis import strategies as st
from pages_served import words
from register_served import SOUND, Near, Planner, application, waited
from toy import STUDY, toy_territory
from upload_archives import zipped

from api.studies import slug_of
from data.applications.drafted import BOXES, LISTS, known, settled, without_line
from data.applications.form import FORM
from data.applications.form_labels import LABELS
from data.applications.read import read_application
from data.edited.study import named_study
from data.store.audit import audit_since
from data.store.drafts import APPLICATION, drafts_of_parts
from data.uploads import check

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

BOTH = zipped(STUDY | {"candidatures/alpha.toml": FILE})
MAIL = TEXTS["porteur.contact.mail"]


@pytest.fixture(scope="module")
def planner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planner]:
    """Return a planner whose deposits are read in this process: it takes no time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(check, "Bounded", Near)
        yield Planner(application(tmp_path_factory.mktemp("registre")))


@pytest.fixture(scope="module")
def key(planner: Planner) -> str:
    """Return the deposit of the applications that stay drafts."""
    return planner.deposit(SOUND)


@pytest.fixture
def new(planner: Planner, key: str, request: pytest.FixtureRequest) -> Candidature:
    """Return an application that is not begun."""
    return Candidature(planner, key, slug_of(request.node.name))


@pytest.fixture
def filed(planner: Planner) -> Candidature:
    """Return an application whose file is in the deposit."""
    return Candidature(planner, planner.deposit(BOTH))


def drafts(made: Candidature) -> list[str]:
    with made.planner.register.store.read() as session:
        kept = drafts_of_parts(session, made.planner.name, APPLICATION, made.key)
    return [each.content["nom"] for each in kept]


def test_every_box_of_the_form_has_its_field_and_its_label(new: Candidature) -> None:
    new.begin()
    assert f'href="{new.home}"' in new.planner.html(f"/registre/depots/{new.key}")
    named = set()
    for part in FORM:
        page = new.page(part)
        assert f'href="{new.address}/{part}"' in new.page()
        for id_, key in re.findall(
            r'<(?:input|select|textarea) id="([^"]*)" name="c-([^"]*)"', page
        ):
            plain = re.sub(r"\[1\]", "", key)
            label = re.search(rf'<label for="{id_}"><strong>([^<]*)</strong>', page)
            assert label
            # In a line, the name of the list says the volet.
            assert unescape(label[1]) in (
                LABELS[plain].label,
                LABELS[plain].label.rpartition(", volet ")[0],
            )
            named.add(plain)
    assert named == set(BOXES)
    assert new.planner.ask("GET", f"{new.address}/autre").status_code == 404
    assert new.planner.ask("GET", f"{new.home}/autre").status_code == 404


def test_a_form_is_filled_put_in_the_deposit_read_by_plans_and_frozen(planner: Planner) -> None:
    new = Candidature(planner, planner.deposit(SOUND)).begin(structure="A")
    assert fields_of(new.page("porteur"))["c-porteur.nom"] == "Alpha"
    new.fill(TEXTS)
    assert new.file == b""
    answer = new.put()
    assert answer.status_code == 303, words(answer.text)
    assert "Enregistré dans le dépôt – candidature alpha ajoutée" in words(
        new.planner.html(answer.headers["location"])
    )
    files = new.deposit.brought.files
    study = named_study(files, toy_territory())
    read = read_application(new.file, "candidatures/alpha.toml", study, toy_territory(), CALL)
    expected = read_application(FILE, "candidatures/alpha.toml", study, toy_territory(), CALL)
    assert read[0] == expected[0] is not None
    assert drafts(new) == []
    assert new.deposit.changes == ("candidature alpha ajoutée",)
    report = new.deposit.checking.result
    assert report
    assert report.summary["candidatures"] == 1
    assert new.planner.freeze(new.key, slug="remplie").status_code == 303


def test_a_form_that_nobody_touched_keeps_the_bytes_of_its_file(filed: Candidature) -> None:
    for part in FORM:
        assert filed.save(part, {}).status_code == 303
    assert drafts(filed) == []
    assert "Mettre au dépôt" not in filed.page()
    # Changed, then changed back: the file says the same already, its comments stay.
    filed.save("porteur", {"porteur.nom": "Autre"})
    filed.save("porteur", {"porteur.nom": TEXTS["porteur.nom"]})
    assert drafts(filed) == ["alpha"]
    assert filed.put().status_code == 303
    assert (filed.file, filed.deposit.changes, drafts(filed)) == (FILE, (), [])


def test_a_change_says_which_parts_and_no_value(filed: Candidature) -> None:
    filed.save("porteur", {"porteur.contact.mail": "b@exemple.fr"})
    filed.save("demande", {"demande.etp_facilitateur": "1", "demande.etp_total": "1,5"})
    deposit = f"/registre/depots/{filed.key}"
    assert "1 brouillon de candidature n’est pas au dépôt" in words(filed.planner.html(deposit))
    assert filed.put().status_code == 303
    (what,) = filed.deposit.changes
    assert what == (
        "candidature alpha modifiée (Présentation du porteur et Besoin(s) supplémentaire(s) "
        "demandés)"
    )
    assert b"b@exemple.fr" in filed.file


ODD = {
    "demande.etp_facilitateur": "beaucoup",
    "demande.etp_coordinateur": "60",
    "demande.motif_etp": "autre motif",
}


def test_what_is_odd_is_kept_as_typed_told_in_its_box_and_kept_out(new: Candidature) -> None:
    new.begin()
    assert new.save("demande", ODD).status_code == 303
    page = new.page("demande")
    assert fields_of(page).items() >= {f"c-{key}": text for key, text in ODD.items()}.items()
    for key in ODD:
        id_ = "c-" + key.replace(".", "-")
        box = re.search(rf'<(?:input|select) id="{id_}"[^>]*>', page)
        assert box
        assert 'aria-invalid="true"' in box[0]
        (described,) = re.findall('aria-describedby="([^"]*)"', box[0])
        assert all(f'id="{each}"' in page for each in described.split())
        assert f'href="#{id_}"' in page
    assert "à compléter « beaucoup » n’est pas un nombre" in words(page)
    before = new.deposit.brought.files
    answer = new.put()
    assert answer.status_code == 422
    assert 'demande#c-demande-etp_facilitateur">' in answer.text
    assert "Rien n’est mis au dépôt" in words(answer.text)
    assert new.deposit.brought.files == before
    assert new.address.rpartition("/")[2] in drafts(new)


def test_fifty_thousand_words_and_control_signs_are_kept_and_told(new: Candidature) -> None:
    new.begin()
    long, odd = "besoin " * 50_000, "a\x07b\u202ec <b>&amp;"
    texts = {"etat_des_lieux.diagnostic": long, "etat_des_lieux.ecosysteme": odd}
    assert new.save("etat_des_lieux", texts).status_code == 303
    page = new.page("etat_des_lieux")
    shown = fields_of(page)
    assert shown["c-etat_des_lieux.diagnostic"] == long.strip()
    assert shown["c-etat_des_lieux.ecosysteme"] == odd
    said = words(page)
    assert " lignes, 349 999 signes sur" in said
    assert "signes invisibles ôtés" in said
    assert new.page()


def test_a_text_that_may_be_shown_gives_nobody_s_address(filed: Candidature) -> None:
    filed.save("etat_des_lieux", {"etat_des_lieux.ecosysteme": "Écrire à a.b@exemple.fr"})
    assert "une adresse électronique" in words(filed.page("etat_des_lieux"))
    answer = filed.put()
    assert answer.status_code == 422
    assert "une adresse électronique" in words(answer.text)
    assert filed.file == FILE


def test_lines_are_added_and_removed_without_a_script(new: Candidature) -> None:
    new.begin()
    name = "budget.cofinanceurs"
    answer = new.save("budget", {f"{name}[1].nom": "Une"}, what=f"ajouter:{name}")
    assert answer.headers["location"] == f"{new.address}/budget#c-budget-cofinanceurs-2-nom"
    assert 'id="c-budget-cofinanceurs-2-nom"' in new.page("budget")
    new.save("budget", {f"{name}[2].nom": "Deux", f"{name}[2].montant": "1 500,50"})
    new.save("budget", {f"{name}[3].nom": "Trois"}, what=f"retirer:{name}[1]")
    shown = {key: text for key, text in new.sent("budget").items() if ".nom" in key}
    assert list(shown.values()) == ["Deux", "Trois", ""]
    assert new.sent("budget")[f"c-{name}[1].montant"] == "1 500,50"
    assert words(new.page("budget")).count("(à remplir)") == 1
    # Lines are counted as they are shown, those just emptied included.
    emptied = {f"{name}[1].nom": "", f"{name}[1].montant": "", f"{name}[3].nom": "Quatre"}
    new.save("budget", emptied, what=f"retirer:{name}[2]")
    shown = {key: text for key, text in new.sent("budget").items() if ".nom" in key}
    assert list(shown.values()) == ["Quatre", ""]


def test_codes_are_pasted_and_their_places_named(new: Candidature) -> None:
    new.begin()
    name = "perimetre.facilitateur.codes"
    sent = new.sent("perimetre") | {f"niveau:{name}": "commune", f"codes:{name}": "01004, 2A004\n9"}
    new.save("perimetre", {f"{name}[1].code": "01"}, sent, f"coller:{name}")
    shown = new.sent("perimetre")
    codes = [shown[f"c-{name}[{number}].code"] for number in (1, 2, 3, 4, 5)]
    assert codes == ["01", "01004", "2A004", "9", ""]
    assert shown[f"c-{name}[4].niveau"] == "commune"
    said = words(new.page("perimetre"))
    assert "Ambérieu-en-Bugey (commune)" in said
    assert "département" in said
    many = new.sent("perimetre") | {f"niveau:{name}": "commune", f"codes:{name}": "01033 " * 500}
    assert new.save("perimetre", {}, many, f"coller:{name}").status_code == 303
    assert new.sent("perimetre")[f"c-{name}[504].code"] == "01033"
    # A form of more than a thousand fields is received whole.
    assert new.save("perimetre", {f"{name}[504].code": "2A004"}).status_code == 303
    assert new.sent("perimetre")[f"c-{name}[504].code"] == "2A004"
    many = new.sent("perimetre") | {f"codes:{name}": "01033 " * 1_000}
    answer = new.save("perimetre", {}, many, f"coller:{name}")
    assert answer.status_code == 422
    assert "1 500 au plus" in words(answer.text)


def test_two_tabs_lose_nothing(filed: Candidature) -> None:
    mine, other = filed.sent("porteur"), filed.sent("objectifs")
    filed.save("porteur", {"porteur.nom": "Ailleurs"})
    # Another part of the same application is no conflict.
    assert filed.save("objectifs", {"objectifs.heures": "31 000"}, other).status_code == 303
    answer = filed.save("porteur", {"porteur.nom": "Ici"}, mine)
    assert answer.status_code == 409
    assert fields_of(answer.text)["c-porteur.nom"] == "Ici"
    # What differs, and nothing else: boxes left empty do not.
    said = words(answer.text).partition("à la place de ce qui suit :")[2]
    assert said.strip().startswith("Nom de la structure Ailleurs Enregistrer")
    assert filed.sent("porteur")["c-porteur.nom"] == "Ailleurs"
    assert filed.save("porteur", {}, fields_of(answer.text)).status_code == 303
    assert filed.sent("porteur")["c-porteur.nom"] == "Ici"
    assert filed.sent("objectifs")["c-objectifs.heures"] == "31 000"


def test_a_file_that_changes_under_its_draft_is_told(filed: Candidature) -> None:
    filed.save("porteur", {"porteur.nom": "Ici"})
    seen = hidden(filed.page())
    changed = FILE.replace(b"Des march", b"Tous les march")
    filed.deposit.amend({"candidatures/alpha.toml": changed}, "essai", filed.deposit.revision)
    waited(filed.deposit)
    answer = filed.put(seen)
    assert answer.status_code == 409
    assert "Le fichier du dépôt a changé depuis" in words(answer.text)
    assert filed.file == changed
    assert filed.put(hidden(answer.text)).status_code == 303
    assert b'nom = "Ici"' in filed.file


def test_names_are_plain_unlike_and_nobody_s(filed: Candidature) -> None:
    for typed, said in (
        ("ALPHA", "s’appelle déjà « alpha »"),
        ("…", "sans lettre ni chiffre"),
        ("con", "réservé"),
        ("x" * 81, "plus de 80 signes"),
        ("a.b@exemple.fr", "adresse électronique"),
        ("", "rien n’est écrit"),
    ):
        answer = filed.planner.post(filed.home, nom=typed)
        assert answer.status_code == 422
        assert said in words(answer.text)
    answer = filed.planner.post(filed.home, nom="Été, PLIE du Sud")
    assert answer.headers["location"] == f"{filed.home}/ete-plie-du-sud"
    beta = Candidature(filed.planner, filed.key, "ete-plie-du-sud")
    assert filed.planner.post(f"{beta.address}/nom", nouveau="alpha", source="").status_code == 422
    answer = filed.planner.post(f"{beta.address}/nom", nouveau="Bêta", source="")
    assert answer.headers["location"] == f"{filed.home}/beta"
    page = filed.planner.html(f"{filed.address}/nom")
    sent = {"source": re.findall('name="source" value="([^"]*)"', page)[0], "nouveau": "gamma"}
    assert filed.planner.post(f"{filed.address}/nom", **sent).status_code == 303
    waited(filed.deposit)
    assert Candidature(filed.planner, filed.key, "gamma").file == FILE
    assert filed.file == b""
    assert "beta" in words(filed.planner.html(filed.home))


def test_removal_is_asked_and_undone(filed: Candidature) -> None:
    filed.save("porteur", {"porteur.nom": "Ici"})
    page = filed.page("retrait")
    fields = dict(re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', page))
    thrown = filed.planner.post(f"{filed.address}/retrait", **(fields | {"quoi": "brouillon"}))
    assert thrown.headers["location"] == filed.address
    assert (filed.file, drafts(filed)) == (FILE, [])
    # What the page showed is no more: nothing is removed unseen.
    assert filed.planner.post(f"{filed.address}/retrait", **fields).status_code == 422
    page = filed.page("retrait")
    fields = dict(re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', page))
    assert (
        filed.planner.post(f"{filed.address}/retrait", **fields).headers["location"] == filed.home
    )
    assert filed.file == b""
    assert filed.planner.ask("GET", filed.address).status_code == 404
    filed.deposit.undo(filed.deposit.revision)
    waited(filed.deposit)
    assert filed.file == FILE


def test_a_file_that_is_no_form_is_told_and_may_be_begun_again(planner: Planner) -> None:
    odd = b'[porteur]\nnom = "Alpha"\nsurnom = "A"\n[demande]\netp_facilitateur = "un"\n'
    files = STUDY | {"candidatures/alpha.toml": odd, "candidatures/b%20 ta.toml": b"[[["}
    made = Candidature(planner, planner.deposit(zipped(files)))
    page = words(made.page())
    assert "porteur.surnom A" in page
    assert made.sent("demande")["c-demande.etp_facilitateur"] == "un"
    made.save("porteur", {"porteur.nom": "Autre"})
    assert "porteur.surnom A" in words(made.page())
    broken = re.findall(rf'href="({made.home}/b[^"]*)"', planner.html(made.home))
    assert "TOML" in words(planner.html(broken[0]))


def test_who_people_are_is_shown_in_the_form_alone(filed: Candidature) -> None:
    filed.save("porteur", {"porteur.presentation": "Autre"})
    assert MAIL in filed.page("porteur")
    for page in (filed.page(), filed.page("demande"), filed.planner.html(filed.home)):
        assert MAIL not in page
    with filed.planner.register.store.read() as session:
        assert not any(MAIL in str(entry) for entry in audit_since(session))
    filed.planner.register.deposits.drop(filed.deposit)
    assert drafts(filed) == []


_KEYS = [key for key in BOXES if not any(key.startswith(f"{name}.") for name in LISTS)]
_LINES = [
    f"{name}[{number}].{key}"
    for name, field in LISTS.items()
    for number in (1, 2, 3, 7, 12)
    for key in field.keys
]


@settings(max_examples=tried(60))
@given(st.dictionaries(st.sampled_from(_KEYS + _LINES), st.text(" ab\n", max_size=3)))
def test_lines_are_numbered_without_a_gap_and_nothing_is_lost(typed: Mapping[str, str]) -> None:
    texts = settled(typed)
    assert settled(texts) == texts == known(texts)
    assert sorted(texts.values()) == sorted(t.strip() for t in typed.values() if t.strip())
    for name in LISTS:
        numbers = {
            int(key[len(name) + 1 :].partition("]")[0])
            for key in texts
            if key.startswith(f"{name}[")
        }
        assert numbers == set(range(1, len(numbers) + 1))
        if numbers:
            left = without_line(texts, f"{name}[1]")
            gone = [key for key in texts if key.startswith(f"{name}[1].")]
            assert len(left) == len(texts) - len(gone)
