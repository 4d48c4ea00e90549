"""Plans and dossiers never disagree on an application, and any form can be judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from effort import tried
from filed_forms import CALL, COST, COVERAGE, SWITCHES, bench_of, case_of
from form_values import VALUES
from hypothesis import given, settings
from hypothesis import strategies as st

from coverage.dossiers.findings import form_findings
from coverage.dossiers.model import CONTRARY, INCOMPLETE, LEVELS
from coverage.model import VOLETS
from coverage.proposals.application import PIECES
from coverage.proposals.model import FUNDERS
from coverage.proposals.options import build_ask
from coverage.proposals.rules import with_rules
from data.study.tables import STATUTS

if TYPE_CHECKING:
    from collections.abc import Mapping


def by_volet(name: str, value: st.SearchStrategy[Any]) -> dict[str, st.SearchStrategy[Any]]:
    return {f"{name}_{volet}": value for volet in VOLETS}


MONEY = st.integers(0, COST)
ASKED = st.fixed_dictionaries(
    {
        "statut": st.sampled_from(STATUTS),
        "structure": st.sampled_from(["A", "C", ""]),
        "demande": st.fixed_dictionaries(
            by_volet("etp", st.sampled_from([0, 30, 49, 50, 120])),
            optional={"etp_total": st.sampled_from([50, 100, 170])},
        ),
        "code": st.sampled_from(["01001", "01002", "02001", "02002"]),
        "region": st.sampled_from(["84", "32"]),
        "ground": st.sampled_from(["zone_blanche", "services_etat", "grand_projet"]),
        "budget": st.fixed_dictionaries(
            by_volet("montant", st.one_of(MONEY, st.just(COST // 2 * 7 // 10))),
            optional={
                "cout_etp": st.just(COST),
                "montant_total": MONEY,
                "cofinanceurs": st.lists(
                    st.fixed_dictionaries(
                        {
                            "nom": st.just("F"),
                            "type": st.sampled_from(FUNDERS[1:]),
                            "montant": st.one_of(MONEY, st.just(COST // 2 * 3 // 10)),
                        },
                        optional={"attestation": st.booleans()},
                    ),
                    min_size=1,
                    max_size=2,
                ).map(tuple),
            },
        ),
        "pieces": st.fixed_dictionaries(
            {
                name: st.sampled_from(["fournie"] * 8 + ["manquante", "sans_objet"])
                for name in PIECES
            }
        ),
        "rules": st.fixed_dictionaries(
            {},
            optional={
                "lecture_80": st.just("remplace"),
                **{
                    name: st.just(value=False)
                    for name in SWITCHES
                    if name not in {"budget_eur", "objectif"}
                },
            },
        ),
    }
)


def values_of(drawn: Mapping[str, Any]) -> dict[str, Any]:
    perimeters = {
        "facilitateur": {"codes": ({"niveau": "commune", "code": drawn["code"]},)},
        "coordinateur": {"codes": ({"niveau": "region", "code": drawn["region"]},)},
    }
    named = {"structure_id": drawn["structure"]} if drawn["structure"] else {}
    return {
        "porteur": {"nom": "Alpha", "statut_juridique": drawn["statut"], **named},
        "demande": {**drawn["demande"], "motif_etp": drawn["ground"]},
        "perimetre": {v: perimeters[v] for v in VOLETS if drawn["demande"][f"etp_{v}"]},
        "budget": drawn["budget"],
        "pieces": drawn["pieces"],
    }


@settings(max_examples=tried(30))
@given(ASKED)
def test_plans_and_dossiers_never_disagree(drawn: dict[str, Any]) -> None:
    call = with_rules(CALL, drawn["rules"])
    case = case_of(values_of(drawn), call)
    if case.application is None:
        return
    findings = form_findings(case, bench_of(case, call))
    ask = build_ask(COVERAGE, call, [case.application], generated=False)
    blamed = {
        (each.rule, plain(each.message))
        for each in findings
        if each.level == CONTRARY or (each.rule, each.level) == ("pieces_obligatoires", INCOMPLETE)
    }
    assert {each.rule for each in ask.aside} == {rule for rule, _ in blamed}
    for each in ask.aside:
        if each.rule != "pieces_obligatoires":
            assert any(
                rule == each.rule and message.startswith(plain(each.message))
                for rule, message in blamed
            )
    assert list(findings) == sorted(findings, key=lambda f: -LEVELS.index(f.level))


def plain(message: str) -> str:
    """Return a message whatever its spaces."""
    return "".join(message.split())


@settings(max_examples=tried(20))
@given(VALUES)
def test_any_form_is_judged_and_nothing_is_lost(values: dict[str, Any]) -> None:
    case = case_of(values)
    findings = form_findings(case, bench_of(case))
    pieces = {each.place for each in findings if each.rule == "pieces_obligatoires"}
    assert {gap for gap in case.gaps if gap.place not in pieces} <= set(findings)
    assert len(set(findings)) == len(findings)
    assert findings == form_findings(case, bench_of(case))
