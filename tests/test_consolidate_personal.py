"""What identifies a person stays in the folders received: no writing of TOML carries it along."""

from __future__ import annotations

import datetime as dt
import tomllib
from codecs import BOM_UTF8
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from region_studies import ALPES, PARIS, PERSON, TOY, application, contents, folder, joined, told
from small_studies import few

from api import cli
from data.applications.form import FORM, Field, identifying_keys
from data.consolidate.dossiers import read_whole
from data.consolidate.filed import kept
from data.consolidate.toml_text import statements, written

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from data.consolidate.join import Consolidation

MAIL, PHONE = "camille@exemple.fr", "0600000000"
IDENTIFYING = (PERSON, MAIL, PHONE, "Cheffe")
CONTACT = f"""\
[porteur.contact]  # à joindre
# une remarque de la région
nom = "{PERSON}"
fonction = "Cheffe"  # jusqu’en juin
mail = "{MAIL}"
telephone = "{PHONE}"
"""


def parsed(text: str) -> dict[str, Any]:
    return tomllib.loads(text, parse_float=Decimal)


def naive(text: str) -> dict[str, Any]:
    """What must be left of an application."""
    content = parsed(text)
    content["porteur"].pop("responsable", None)
    content["porteur"].pop("contact", None)
    return content


WRITINGS = {
    "a table": f'[porteur]\nnom = "A"\n{CONTACT}\n# la demande\n[demande]\nx = 1 # un\n',
    "a table first": f'{CONTACT}[porteur]\nnom = "A"\n',
    "dotted keys": (
        f'[porteur]\ncontact.nom = "{PERSON}"\ncontact . "mail" = \'{MAIL}\'\nnom = "A"\n'
        f'responsable = "{PERSON}"\n[demande]\nresponsable = "reste"\n'
    ),
    "dotted from the top": (
        f'porteur.nom = "A" # le nom\nporteur."responsable" = "{PERSON}"\n'
        f'"porteur" . \'contact\'.nom = "{PERSON}"\ndemande.etp = 0.50\n'
    ),
    "an inline table": (
        f'[porteur]\nnom = "A"\n\tcontact = {{ nom = "{PERSON}", mail = "#{MAIL}" }} # {PHONE}\n'
        'presentation = "B"'
    ),
    "long strings": (
        f'[porteur]\nnom = """\nresponsable = "\\"A\\"\n[porteur.contact]"""\n'
        f'responsable = """\n[demande]\n\\"""{PERSON}\n"""""\n# fin\n'
        f"contact.nom = '''{PERSON}\n'\"[x]\n'''\n[demande]\nx = '''\ncontact = {{''' # l'une\n"
    ),
    "quoted headings": (
        f'["porteur"]\n"nom" = "A"\n[ porteur . "cont\\u0061ct" ]\nmail = "{MAIL}"\n[demande]\n'
        'listes = [ # "ouvrante [\n  "]", # fin\n  [1, 2],\n]\n'
    ),
    "tables within": (
        f'[porteur]\nnom = "A"\n{CONTACT}[porteur.contact.autre]\nmail = "{MAIL}"\n'
        "[[budget.cofinanceurs]]\nnom = 'Fonds'\nmontant = 1_000.10\n[[budget.cofinanceurs]]\n"
    ),
    "a list over lines": (
        f'[porteur]\ncontact = [ # ici\n  {{ mail = "{MAIL}" }},\n]\nnom = "A"\n'
    ),
    "a list of tables": f'[porteur]\nnom = "A"\n[[porteur.contact]]\nmail = "{MAIL}"\n',
}


@pytest.mark.parametrize("ending", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("text", WRITINGS.values(), ids=WRITINGS)
def test_persons_go_and_all_else_stays(text: str, ending: str) -> None:
    text = text.replace("\n", ending)
    made = kept(text.encode())
    left = made.content.decode()
    assert made.left_out
    assert not made.rewritten
    assert parsed(left) == naive(text)
    assert not [each for each in IDENTIFYING if each in left]
    lines = left.splitlines(keepends=True)
    rest = iter(text.splitlines(keepends=True))
    assert all(line in rest for line in lines), "nothing new, in the order it had"
    for comment in ("# une remarque de la région", "# la demande", "x = 1 # un", "# le nom"):
        assert (comment in left) == (comment in text)
    assert kept(made.content) == replace(made, left_out=False)


def test_an_inline_bearer_is_written_anew() -> None:
    text = (
        f'porteur = {{ nom = "A", contact = {{ mail = "{MAIL}" }}, responsable = "{PERSON}" }}\n'
        "[demande] # perdu\netp_facilitateur = 0.50\nle = 2023-05-01\n"
        'notes = """\nune "ligne"\nl’autre"""\ncodes = [{ code = "01004" }, {}]\n'
    )
    made = kept(text.encode())
    assert made.left_out
    assert made.rewritten
    assert made.content.decode() == (
        '\n[porteur]\nnom = "A"\n\n[demande]\netp_facilitateur = 0.50\nle = 2023-05-01\n'
        'notes = """\nune \\"ligne\\"\nl’autre"""\ncodes = [{ code = "01004" }, {}]\n'
    )
    assert kept(made.content).content == made.content


def test_a_file_without_persons_is_not_touched() -> None:
    filed = BOM_UTF8 + b'# responsable = "ici"\r\n[porteur]\r\nnom = "A"'
    assert kept(filed).content is filed
    assert not kept(filed).left_out


def test_each_kind_of_value_is_written_as_toml_has_it() -> None:
    content = {
        "etp": Decimal(5),
        "part": Decimal("-0.50"),
        "grand": Decimal("1E+9"),
        "nombre": 5,
        "vrai": True,
        "le": dt.date(2023, 5, 1),
        "clé à citer": 'un "mot"\x7f',
        "liste": [[], {}, {"a.b": "deux\nlignes"}],
    }
    text = (
        "etp = 5.0\npart = -0.50\ngrand = 1E+9\nnombre = 5\nvrai = true\nle = 2023-05-01\n"
        '"clé à citer" = "un \\"mot\\"\\u007f"\nliste = [[], {}, { "a.b" = "deux\\nlignes" }]\n'
    )
    assert written(content) == text
    assert parsed(text) == content


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
lines = st.text(st.sampled_from("a\"'\\#[]{}=\n\r\t\x7f\0 é"), max_size=12)
scalars = (
    texts
    | lines
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.dates()
    | st.times()
    | st.datetimes(timezones=st.sampled_from([None, dt.UTC]))
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts | lines, inner, max_size=3),
    max_leaves=8,
)
documents = st.dictionaries(texts | lines | st.sampled_from(["porteur", "a-b"]), values, max_size=4)


@few
@given(documents)
def test_what_is_written_reads_back(content: dict[str, Any]) -> None:
    assert parsed(written(content)) == content


def leaves(values: Mapping[str, Any], at: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield (*at, name)
            yield from leaves(value, (*at, name))
        else:
            yield (*at, name)


@few
@given(documents)
def test_statements_are_the_text_and_name_every_key(content: dict[str, Any]) -> None:
    text = written(content)
    found = list(statements(text))
    assert "".join(each.text for each in found) == text
    assert sorted(each.path for each in found if each.path) == sorted(leaves(content))
    for each in found:
        if each.value:
            assert parsed(f"x = {each.value}")


def drawn(name: str, value: str, way: str) -> str:
    quoted = {"long": f'"""\n{value}"""', "literal": f"'{value}'"}.get(way, f'"{value}"')
    return f"{name} = {quoted}\n"


@few
@given(
    st.permutations(["responsable", "contact", "nom", "presentation"]),
    st.sampled_from(["plain", "long", "literal"]),
    st.sampled_from(["dotted", "inline", "table"]),
    st.sampled_from(["[porteur]\n", ""]),
)
def test_any_order_and_writing_of_the_bearer(
    order: list[str], way: str, contact: str, head: str
) -> None:
    own = {name: drawn(name, f"{name} = [x", way) for name in order}
    own["contact"] = {
        "dotted": drawn("contact.nom", PERSON, way),
        "inline": f'contact = {{ nom = "{PERSON}", mail = "}}" }}\n',
        "table": "",
    }[contact]
    prefix = "" if head else "porteur."
    text = head + "".join(f"# {name}\n{prefix}{own[name]}" if own[name] else "" for name in order)
    if contact == "table":
        text += drawn("[porteur.contact]\nnom", PERSON, way)
    made = kept(text.encode())
    assert parsed(made.content.decode()) == naive(text)
    assert made.left_out
    assert not made.rewritten
    assert made.content.count(b"#") == text.count("#")


def test_the_form_declares_them_where_they_can_be_left_out() -> None:
    for key in identifying_keys():
        field = Field("table", keys=FORM)
        for name in key:
            assert field.kind == "table", "an element of a list would stay"
            field = field.keys[name]
        assert field.personal or all(own.personal for own in field.keys.values())
        assert not field.required, "it is not there once consolidated"


@dataclass(frozen=True)
class Joined:
    alpes: Path
    out: Path
    made: Consolidation


@pytest.fixture(scope="module")
def france(tmp_path_factory: pytest.TempPathFactory) -> Joined:
    """Four applications, two of them alike but for whom to write to."""
    root = tmp_path_factory.mktemp("personnes")
    filed = application("reseau", "01004")
    contact = CONTACT.replace("# une remarque de la région\n", "")
    inline = filed.replace("[porteur]\n", "").replace(
        filed[filed.index("nom =") : filed.index("[demande]")],
        f'porteur = {{ nom = "Autre", statut_juridique = "gip", responsable = "{PERSON}" }}\n',
    )
    here = {
        "candidatures/une.toml": filed.replace("[demande]", f"{contact}[demande]"),
        "candidatures/sans.toml": application("plie").replace("responsable", "# responsable"),
    }
    there = {
        "candidatures/deux.toml": filed.replace(PERSON, MAIL),
        "candidatures/autre.toml": inline,
    }
    two = {**PARIS, "structures.csv": PARIS["structures.csv"] + "reseau,Réseau,,gip,,,\n"}
    alpes = folder(root / "alpes", ALPES, also=here)
    paris = folder(root / "paris", two, also=there)
    return Joined(alpes, root / "france", joined(root / "france", alpes, paris))


def test_no_file_of_the_consolidated_folder_identifies_a_person(france: Joined) -> None:
    files = contents(france.out)
    names = [name for name in files if name.startswith("candidatures/")]
    assert names == [f"candidatures/{stem}.toml" for stem in ("autre", "deux", "sans")]
    kept_as_comment = files.pop("candidatures/sans.toml").decode()
    assert f'# responsable = "{PERSON}"' in kept_as_comment
    whole = b"".join(files.values())
    assert not [each for each in IDENTIFYING if each.encode() in whole]


def test_what_was_left_out_is_told_once(france: Joined) -> None:
    without, anew = told(france.made, "retrait")
    assert without.found == (
        "3 candidatures avec les coordonnées de personnes (porteur.contact, porteur.responsable)"
    )
    assert (without.subject, without.dossiers) == ("", ("alpes", "paris"))
    assert (anew.subject, anew.dossiers) == ("autre", ("paris",))
    assert "récrit" in anew.outcome
    readme = (france.out / "LISEZMOI.txt").read_text(encoding="utf-8-sig")
    assert "2 RETRAITS" in readme


def test_applications_alike_but_for_persons_are_one(france: Joined) -> None:
    (line,) = told(france.made, "doublon", "candidatures")
    assert (line.subject, line.dossiers) == ("deux|une", ("alpes", "paris"))


def test_applications_read_the_same_without_a_finding_about_persons(france: Joined) -> None:
    study, after = read_whole(france.out, TOY)
    _, before = read_whole(france.alpes, TOY)
    mine = {each.application_id: each for each in after}
    asked = {each.application_id: each for each in before}
    assert mine["deux"] == replace(
        asked["une"], application_id="deux", file="candidatures/deux.toml"
    )
    assert mine["sans"] == replace(asked["sans"], structure_id="84-plie")
    columns = {notice.column for notice in study.warnings}
    assert "porteur.adresse" in columns
    assert not [key for key in identifying_keys() if ".".join(key) in columns]


def test_verifier_knows_the_files_of_a_consolidation(
    france: Joined, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("data.reference.territory.load_territory", lambda **_: TOY)
    assert cli.main(["verifier", str(france.out)]) == 0
    said = "".join(capsys.readouterr())
    assert "avertissement" in said
    assert "inconnu, ignoré" not in said
