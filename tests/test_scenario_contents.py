"""What saved scenarios hold: it comes back as it was, and is never made to another row."""

from __future__ import annotations

import doctest
import tomllib
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from register_served import territory
from test_propose import FILES, write

from api.scenarios import fields
from api.scenarios.content import FORM, Content, content_of
from api.scenarios.fields import typed_text, typed_value
from api.scenarios.forms import typed_of
from api.scenarios.located import Located, Places
from api.scenarios.overlay import check, file_text, overlay_of
from api.trials.asked import Trial
from coverage.parameters import definitions
from coverage.trials import marks
from coverage.trials.edits import EditError, edited_study
from data.calls.read import declared_rules
from data.scenarios.read import read_scenario
from data.store.errors import RegisterError
from data.study import toml_text
from data.study.reader import read_study
from geo.errors import InputErrors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.scenarios.content import Kept
    from coverage.model import Study

VERSION = {"numero": 1, "empreinte": "0" * 64}
TEXTS = st.text("aé’\"\\'#=[] ", min_size=1, max_size=12).filter(lambda each: each.strip())
RATIOS = st.fractions("1/50", 1, max_denominator=50).map(str)
PARAMETERS = st.fixed_dictionaries(
    {},
    optional={
        "heures_par_etp": st.integers(25_000, 45_000),
        "seuil_reponse": RATIOS,
        "besoin_requis_non_couverte": st.booleans(),
        "etats_perimetres": st.just(["valide", "conteste"]),
        "part_marches_clausables": st.just({"etat": "0,2", "autres": "1/10"}),
        "scenario_clauses": st.sampled_from(["constate", "pnad_30"]),
    },
)
RULES = st.fixed_dictionaries(
    {},
    optional={
        "budget_eur": st.integers(1, 10**7) | st.just(100_000.5) | st.just(value=False),
        "plafond_etat": RATIOS | st.just(value=False),
        "unite_objectif": st.sampled_from(["etp", "postes"]),
        "conserves_d_abord": st.booleans(),
    },
)
REASONS = st.dictionaries(st.text("zb-9#", min_size=1, max_size=6), TEXTS, max_size=3)
CONTENTS = st.builds(
    lambda description, methode, appel, generees, verrous, refus: Content(
        etude=VERSION,
        description=description,
        methode=methode,
        appel=appel,
        generees=generees,
        verrous=verrous,
        refus={name: own for name, own in refus.items() if name not in verrous},
    ),
    st.just("") | TEXTS.map(lambda each: " ".join(each.split())),
    PARAMETERS,
    RULES,
    st.booleans(),
    REASONS,
    REASONS,
)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return read_study(write(tmp_path_factory.mktemp("e") / "étude", FILES), territory())


def places(study: Study) -> Places:
    return Places(study, territory())


def asked(*modifications: dict[str, Any]) -> list[Any]:
    return Trial.model_validate({"modifications": list(modifications)}).modifications


def edited(study: Study, kept: Sequence[Kept]) -> Study:
    return edited_study(study, territory(), [each.edit for each in kept])


def told(study: Study) -> list[list[tuple[Any, ...]]]:
    """Return what the posts and perimeters of a study say, whatever their order."""
    tables = (study.posts, study.perimeters)
    return [
        sorted(table.drop(columns="row").itertuples(index=False, name=None), key=repr)
        for table in tables
    ]


def test_examples_hold() -> None:
    for module in (fields, marks, toml_text):
        result = doctest.testmod(module)
        assert result.attempted > 0
        assert result.failed == 0


# ---- contents ----


@settings(max_examples=30, deadline=None)
@given(CONTENTS)
def test_a_content_comes_back_from_the_register_its_file_and_its_form(content: Content) -> None:
    assert content_of(content.plain()) == content
    check("Essai", content)
    text = file_text("Essai", content)
    held = tomllib.loads(text)
    for table, values in content.tables.items():
        assert held.get(table, {}) == values
    scenario, findings = read_scenario(text.encode(), "essai.toml")
    assert scenario is not None, findings
    under = overlay_of("Essai", content, "essai")
    assert replace(under, inputs=()) == scenario
    # What the form shows says the same when it comes back untouched.
    changes = typed_of("Essai", content).changes(Located((), ()))
    again = Content.model_validate({**dict(content), **changes})
    other = overlay_of("Essai", again, "essai")
    assert replace(other, inputs=()) == scenario


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("30\u202f000", "heures_par_etp", 30_000),
        ("beaucoup", "heures_par_etp", "beaucoup"),
        ("0,5", "seuil_reponse", "0,5"),
        ("OUI", "besoin_requis_non_couverte", True),
        ("valide ; conteste", "etats_perimetres", ["valide", "conteste"]),
        ("1/10", "part_marches_clausables", "1/10"),
    ],
)
def test_what_is_typed_is_read_as_a_planner_means_it(text: str, name: str, value: object) -> None:
    found = typed_value(text, definitions()[name], switch=False)
    assert found == value
    assert typed_value(typed_text(found), definitions()[name], switch=False) == value


def test_an_amount_has_cents_and_a_rule_is_switched_off_by_a_word() -> None:
    rule = declared_rules()["budget_eur"]
    typed = ("2 700 000,50", "5400000", "non", "1,2,3")
    found = [typed_value(text, rule.definition, switch=rule.switch) for text in typed]
    assert found == [2_700_000.5, 5_400_000, False, "1,2,3"]


def test_all_that_is_wrong_is_said_at_once() -> None:
    content = Content(
        etude=VERSION,
        description="voir avec a.b@exemple.fr",
        methode={"heures_par_etp": 1, "seuil_reponse": "1/2"},
        appel={"budget_eur": 0, "inconnue": 3},
        verrous={"zb-1": "appeler le 06 12 34 56 78", "zb-2": ""},
        refus={"zb-1": "non"},
        modifications=[
            {"demande": {"action": "parametre", "nom": "seuil_reponse", "valeur": "0.5"}}
        ],
    )
    with pytest.raises(InputErrors) as refused:
        check(" Étude ", content)
    said = "\n".join(map(str, refused.value.faults))
    for words in (
        "nom réservé",
        "électronique",
        "Heures d’insertion",
        "budget_eur",
        "« inconnue » inconnue",
        "téléphone",
        "« zb-2 » sans motif",
        "à la fois verrouillée et refusée",
        "changé par l’essai et par un réglage",
    ):
        assert words in said, words


@pytest.mark.parametrize(
    "plain", [{}, {"etude": VERSION, "format": FORM + 1}, {"etude": VERSION, "surplus": 1}]
)
def test_what_another_program_wrote_is_refused(plain: dict[str, Any]) -> None:
    with pytest.raises(RegisterError, match="autre programme"):
        content_of(plain)


# ---- modifications on another version ----


ROWS = st.lists(
    st.tuples(st.sampled_from("AB"), st.sampled_from(["0.5", "1"]), st.sampled_from(["", "P1"])),
    min_size=1,
    max_size=6,
)


def with_posts(study: Study, rows: Sequence[tuple[str, str, str]]) -> Study:
    first = study.posts.iloc[0].to_dict()
    table = pd.DataFrame(
        [
            {**first, "structure_id": name, "etp": Fraction(etp), "poste_id": own, "row": number}
            for number, (name, etp, own) in enumerate(rows, start=2)
        ],
        columns=study.posts.columns,
    )
    return replace(study, posts=table)


@settings(max_examples=30, deadline=None)
@given(rows=ROWS, data=st.data())
def test_a_modification_finds_its_row_or_none(
    study: Study, rows: list[tuple[str, str, str]], data: st.DataObject
) -> None:
    before = with_posts(study, rows)
    chosen = data.draw(st.sets(st.integers(0, len(rows) - 1), min_size=1))
    kept = places(before).keep(
        asked(*({"action": "etp", "poste": row, "etp": "3"} for row in sorted(chosen)))
    )
    # The same rows in another order: the study that comes of it says the same.
    order = data.draw(st.permutations(range(len(rows))))
    moved = with_posts(study, [rows[place] for place in order])
    located = places(moved).locate(kept)
    assert not located.lost
    assert told(edited(moved, located.found)) == told(edited(before, kept))
    # Some rows gone: what is found is a row that says the same, once; the rest is refused.
    left = data.draw(st.lists(st.sampled_from(rows), max_size=4))
    after = with_posts(study, left)
    located = places(after).locate(kept)
    assert len(located.found) + len(located.lost) == len(kept)
    taken = [each.demande.poste for each in located.found]
    assert len(set(taken)) == len(taken)
    for each, row in zip(located.found, taken, strict=True):
        assert each.repere is not None
        cells = each.repere.cellules
        assert left[row] == (
            cells["structure_id"],
            {"1/2": "0.5"}.get(cells["etp"], cells["etp"]),
            cells["poste_id"],
        )
    assert all("ce poste n’est plus" in each.reason for each in located.lost)


def test_what_the_study_no_longer_takes_is_refused_with_its_reason(study: Study) -> None:
    kept = places(study).keep(
        asked(
            {"action": "ajout_poste", "structure_id": "B", "etp": "1"},
            {"action": "retrait_perimetre", "perimetre": 0},
            {"action": "etp", "poste": 0, "etp": "2"},
            {"action": "parametre", "nom": "seuil_besoin_h", "valeur": "100"},
        )
    )
    changed = study.perimeters.copy()
    changed.loc[0, "nature"] = "principal"
    smaller = replace(study, structures=study.structures.drop(index="B"), perimeters=changed)
    located = places(smaller).locate(kept)
    assert [each.demande.action for each in located.found] == ["etp", "parametre"]
    reasons = {each.kept.demande.action: each.reason for each in located.lost}
    assert "structure « B » inconnue" in reasons["ajout_poste"]
    assert "ce périmètre n’est plus" in reasons["retrait_perimetre"]


def test_a_modification_that_the_study_refuses_is_not_kept(study: Study) -> None:
    with pytest.raises(EditError, match="modification 1"):
        places(study).keep(asked({"action": "etp", "poste": 99, "etp": "1"}))


def test_a_mark_of_other_columns_finds_nothing(study: Study) -> None:
    (kept,) = places(study).keep(asked({"action": "retrait_poste", "poste": 0}))
    bare = kept.model_copy(update={"repere": None})
    located = places(study).locate([bare])
    assert not located.found
