"""Extensions asked and made: from applications and a coverage to a plan found right."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from builders import drawn, grid_territory, make_study, need, perimeter, post, seeded
from naive_plan import components
from plan_builders import call, option
from shapely import box
from test_applications import SOUND, read

from coverage.parameters import CLASSES
from coverage.proposals.application import PIECES, Application, Enlarged
from coverage.proposals.exact import exact_plan
from coverage.proposals.extensions import with_extensions
from coverage.proposals.model import Ask
from coverage.proposals.network import plan_network
from coverage.proposals.ranking import rank
from coverage.proposals.verify import PlanDisagreementError, verify_plan
from coverage.study import compute

if TYPE_CHECKING:
    from coverage.model import Coverage

A, B, C, D = "01001", "01002", "01003", "01004"


LINE, BLOCK = grid_territory(4), grid_territory(4, 2, departements=("01", "01", "02", "02"))


@cache
def line_of_four(**hours: int) -> Coverage:
    """Four communes in a row; S works in the first, with 25,000 h to spare; U has no hour left."""
    needs = {"a": 10_000, "b": 8_000, "c": 5_000, "d": 40_000} | hours
    study = make_study(
        [post("S"), post("U")],
        [perimeter("S", A), perimeter("U", D)],
        [need(code, own) for code, own in zip((A, B, C, D), needs.values(), strict=True)],
    )
    return compute(study, LINE)


def ask_of(coverage: Coverage, reading: str | None = "demandees", **rules: Any) -> Ask:  # noqa: ANN401 - any rule
    return Ask(coverage, call(extensions_sans_poste=reading, **rules), ())


def application(
    name: str = "essai",
    structure: str = "S",
    units: tuple[int, ...] = (1,),
    **fields: Any,  # noqa: ANN401 - any field
) -> Application:
    return Application(
        application_id=name,
        file=f"candidatures/{name}.toml",
        structure_id=structure,
        structure_name=f"Structure {structure}",
        statut="association",
        asked=(),
        pieces=dict.fromkeys(PIECES, "manquante"),
        **({"enlarged": Enlarged(units, CLASSES)} | fields),
    )


# --- which are compared -----------------------------------------------------------------------


def test_only_those_asked_are_compared_by_default() -> None:
    coverage = line_of_four()
    ask = with_extensions(ask_of(coverage), [application(), application("sans", enlarged=None)])
    (own,) = ask.extensions
    assert (own.extension_id, own.structure_id, own.origin) == ("ext-essai", "S", "candidature")
    assert own.zone_ids == ("84-non_couverte-01002",)
    assert with_extensions(ask_of(coverage)).extensions == ()
    assert not ask.warnings


def test_every_neighbour_with_hours_to_spare_may_be_compared() -> None:
    coverage = line_of_four()
    ask = with_extensions(ask_of(coverage, "toutes"), [application()])
    made = [own for own in ask.extensions if own.origin == "generee"]
    # The communes between S and U are one zone: S alone has hours to spare for it.
    assert [(own.structure_id, own.units) for own in made] == [("S", (1, 2))]
    assert len(ask.extensions) == 2
    busy = with_extensions(ask_of(line_of_four(a=40_000), "toutes"))
    assert busy.extensions == ()


def test_whoever_holds_the_place_already_gives_way_to_a_neighbour() -> None:
    """S holds B for private buyers, of whom it has too few; T, next door, serves everyone."""
    study = make_study(
        [post("S", classes=("prives",)), post("T")],
        [perimeter("S", B), perimeter("S", A), perimeter("T", C)],
        [need(B, 20_000, "etat"), need(B, 1_000, "prives", source="s"), need(C, 5_000)],
    )
    ask = with_extensions(ask_of(compute(study, LINE), "toutes"))
    assert {own.structure_id for own in ask.extensions if 1 in own.units} == {"T"}


@pytest.mark.parametrize("reading", ["aucune", None])
def test_those_that_the_call_does_not_compare_are_told(reading: str | None) -> None:
    ask = with_extensions(ask_of(line_of_four(), reading), [application()])
    assert ask.extensions == ()
    (notice,) = ask.warnings
    assert "1 extension sans poste demandée («\u00a0ext-essai\u00a0»)" in notice.message


def test_an_extension_that_no_post_serves_is_told_and_brings_nothing() -> None:
    ask = with_extensions(ask_of(line_of_four()), [application(structure="V")])
    (notice,) = ask.warnings
    assert notice.file == "candidatures/essai.toml"
    assert "aucun poste de facilitateur en vigueur" in notice.message
    network = plan_network(ask)
    assert network.extensions == ((),)
    assert exact_plan(ask, network).extensions == ()


# --- the plan ---------------------------------------------------------------------------------


def test_the_neighbour_takes_what_its_post_can() -> None:
    ask = with_extensions(ask_of(line_of_four(), "toutes"))
    network = plan_network(ask)
    assert network.spare == (25_000, 0)
    plan = exact_plan(ask, network)
    (own,) = plan.extensions
    assert (own.hours, plan.attained["heures"]) == (13_000, 13_000)
    found = verify_plan(ask, plan)
    assert found.extensions == {own.extension_id: 13_000}
    assert found.state_cents == found.hundredths == 0


def test_a_structure_extends_to_what_its_posts_serve_only() -> None:
    study = make_study(
        [post("S", classes=("etat",))],
        [perimeter("S", A)],
        [need(A, 10_000, "etat"), need(B, 8_000, "etat"), need(B, 5_000, "prives", source="s")],
    )
    asked = [application(units=(0, 1))]
    ask = with_extensions(ask_of(compute(study, LINE)), asked)
    plan = exact_plan(ask, plan_network(ask))
    # The commune that it holds already is none of the extension's.
    assert [own.hours for own in plan.extensions] == [8_000]
    assert verify_plan(ask, plan).hours["heures"] == 8_000


@cache
def random_ask(seed: int) -> Ask:
    """Eight communes, one cut by a drawing, posts of several scopes, options and applications."""
    rng = seeded(seed)
    codes = [str(code) for code in BLOCK.codes]
    study = make_study(
        [post("A", 2), post("A", 1, classes=CLASSES[:2]), post("B", 1, classes=CLASSES[3:])],
        [
            *(perimeter("A", code) for code in codes[:3]),
            perimeter("B", codes[3], "extension"),
            perimeter("B", codes[2]),
        ],
        [
            need(code, rng.randint(1_000, 9_000), class_, programme=programme, source=programme)
            for code in codes
            for class_ in rng.sample(CLASSES, 3)
            for programme in rng.sample(["", "npnru", "autre"], 2)
        ],
        shapes=[drawn("B", box(3.0, 46.01, 3.015, 46.02))],
    )
    options = [
        option(f"o{k}", "N", units=tuple(sorted(rng.sample(range(8), rng.randint(1, 4)))))
        for k in range(3)
    ]
    asked = [
        application(f"a{k}", rng.choice("AB"), tuple(sorted(rng.sample(range(8), 3))))
        for k in range(3)
    ]
    reading = rng.choice(["demandees", "toutes"])
    ask = ask_of(compute(study, BLOCK), reading, objectif=1)
    return with_extensions(replace(ask, options=tuple(options)), asked)


@pytest.mark.parametrize("seed", range(4))
def test_merged_and_unmerged_hours_agree_and_the_ranked_list_is_as_without(seed: int) -> None:
    ask = random_ask(seed)
    network = plan_network(ask)
    assert network.component == components(network)
    plan = exact_plan(ask, network)
    found = verify_plan(ask, plan)
    assert plan.extensions
    assert sum(found.extensions.values()) > 0
    plain = replace(ask, extensions=())
    assert rank(ask, network) == rank(plain, plan_network(plain))
    less = exact_plan(plain, plan_network(plain))
    assert list(plan.attained.values())[:3] >= list(less.attained.values())[:3]
    verify_plan(plain, less)


@pytest.mark.parametrize("step", [-1, 1])
def test_an_hour_more_or_less_of_an_extension_is_refused(step: int) -> None:
    ask = random_ask(0)
    plan = exact_plan(ask, plan_network(ask))
    first, *others = plan.extensions
    (post_number, hours), *rest = first.served
    wrong = replace(first, served=((post_number, hours + step), *rest))
    with pytest.raises(PlanDisagreementError):
        verify_plan(ask, replace(plan, extensions=(wrong, *others)))


def test_hours_said_of_the_post_of_another_structure_are_refused() -> None:
    ask = with_extensions(ask_of(line_of_four(), "toutes"))
    plan = exact_plan(ask, plan_network(ask))
    (own,) = plan.extensions
    for number in (1, 9):
        wrong = replace(own, served=((number, own.hours),))
        with pytest.raises(PlanDisagreementError):
            verify_plan(ask, replace(plan, extensions=(wrong,)))


# --- applications -----------------------------------------------------------------------------

ALONE = (
    SOUND.replace("etp_facilitateur = 0.75", "etp_facilitateur = 0")
    .replace("etp_total = 1.25", "etp_total = 0.5")
    .replace("montant_facilitateur = 21000\n", "")
    .replace("montant_total = 35000", "montant_total = 14000")
    .replace('volet = "facilitateur"\n', "")
)


def test_an_application_of_0_etp_that_files_a_perimeter_asks_an_extension() -> None:
    made, findings = read(ALONE)
    assert not findings.faults
    assert not [notice for notice in findings.warnings if "ignoré" in notice.message]
    assert made is not None
    assert [own.volet for own in made.asked] == ["coordinateur"]
    assert made.enlarged is not None
    assert made.enlarged.scope == ("etat", "prives")
    assert len(made.enlarged.units) == 2
    assert read()[0].enlarged is None  # type: ignore[union-attr]


def test_an_extension_may_be_all_that_is_asked_and_then_nobody_pays() -> None:
    text = ALONE.replace("etp_coordinateur = 0.5", "").replace("etp_total = 0.5", "")
    made, findings = read(text)
    assert made is None
    assert [fault.message for fault in findings.faults] == [
        "cofinancement alors qu’aucun ETP n’est demandé"
    ] * 2
    made, findings = read(text[: text.index("[[budget")] + text[text.index("[pieces]") :])
    assert not findings.faults
    assert made is not None
    assert made.asked == ()
    assert made.enlarged is not None


def test_a_structure_that_the_study_lacks_has_nothing_to_extend() -> None:
    made, findings = read(ALONE.replace('siret = "356 000 000 00048"', ""))
    assert made is None
    (fault,) = findings.faults
    assert "absente de l’étude" in fault.message
    assert "structure_id" in fault.remedy


def test_etp_left_out_ask_nothing() -> None:
    made, findings = read(ALONE.replace("etp_facilitateur = 0\n", ""))
    assert made is not None
    assert made.enlarged is None
    assert any("ignoré" in notice.message for notice in findings.warnings)
