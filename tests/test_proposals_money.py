"""Money, coordinators and files of proposals: to the cent what `proposer` writes."""

from __future__ import annotations

import csv
import io
import zipfile
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from asking import PAGE
from pages_served import plain, words
from proposals_served import answer, html, proposed, rows, toys
from pydantic import TypeAdapter

from api.exports.proposals import packed_files
from api.facts.budget import BudgetFacts
from api.facts.computing import ProgressFacts
from api.facts.coordinators import CoordinatorFacts
from api.facts.money import money
from api.facts.plan import AsideFacts, PlanFacts
from api.facts.proposal import ProposalFacts
from api.facts.proposals import ProposalLine
from api.v1.examples import examples
from coverage.wording import whole
from data.results.plan_files import budget_table, coordinators_table
from data.results.readme import ABOUT_PROPOSALS

if TYPE_CHECKING:
    from asking import Client

    from api.proposed import Proposed

STUDIES = ("riche", "maigre")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Client:
    made = toys(tmp_path_factory.mktemp("etudes"))
    for slug in (*STUDIES, "vide"):
        proposed(made, slug)
    return made


@pytest.mark.parametrize("slug", STUDIES)
@pytest.mark.parametrize("region", ["", "84", "11"])
def test_the_budget_says_what_its_file_says(client: Client, slug: str, region: str) -> None:
    made = proposed(client, slug)
    table = [row for row in rows(budget_table(made.found)) if region in ("", row["region"])]
    facts = answer(client, f"{slug}/budget?region={region}")
    said = words(html(client, f"/etudes/{slug}/budget?region={region}"))

    def total(column: str, **wanted: str) -> int:
        kept = [row for row in table if wanted.items() <= row.items()]
        return int(sum((Fraction(row[column]) for row in kept), Fraction(0)) * 100)

    for line in facts["annees"]:
        year = str(line["annee"])
        for name in ("engagement", "avance", "solde"):
            assert line[name]["centimes"] == total(f"{name}_eur", annee=year)
            assert plain(line[name]["texte"]) in said
    assert {str(line["annee"]) for line in facts["annees"]} == {row["annee"] for row in table}
    for line in facts["regions"]:
        own = {"region": line["region"]}
        assert line["cout"]["centimes"] == total("cout_eur", **own)
        assert line["part_etat"]["centimes"] == total("engagement_eur", **own)
        assert line["a_trouver"]["centimes"] == total("a_trouver_eur", **own)
        for funder in line["financeurs"]:
            assert funder["montant"]["centimes"] == total(f"{funder['type']}_eur", **own)
    assert {line["option_id"] for line in facts["postes"]} == {row["option_id"] for row in table}
    for line in facts["postes"]:
        own = {"option_id": line["option_id"]}
        assert line["etp_centiemes"] == total("etp", **own)
        assert line["cout"]["centimes"] == total("cout_eur", **own)
        for paid in line["paiements"]:
            year = {**own, "annee": str(paid["annee"])}
            assert paid["avance"]["centimes"] == total("avance_eur", **year)
            assert paid["solde"]["centimes"] == total("solde_eur", **year)
    for column in ("cout_eur", "engagement_eur", "a_trouver_eur", "avance_eur", "solde_eur"):
        assert plain(money(total(column)).texte) in said


def test_the_envelope_is_met_to_the_cent_and_the_call_reconciled(client: Client) -> None:
    for slug in STUDIES:
        facts = answer(client, f"{slug}/budget")
        spent = facts["engage"]["centimes"]
        assert spent + facts["reste"]["centimes"] == facts["enveloppe"]["centimes"]
        parts = (facts["engage_conserves"], facts["engage_nouveaux"])
        assert spent == sum(part["centimes"] for part in parts)
        assert facts == answer(client, f"{slug}/budget?region=") | {}
        said = words(html(client, f"/etudes/{slug}/budget"))
        assert "environ 400 ETP en place, 83 conservés et 90 nouveaux font 573, pour 585" in said
        assert plain(facts["reste"]["texte"]) in said


def test_coordinators_say_what_their_file_says(client: Client) -> None:
    table = rows(coordinators_table(proposed(client, "riche").found))
    facts = answer(client, "riche/coordinateurs")
    assert [(line["rang"], line["region"]) for line in facts] == [
        (int(row["rang"]), row["region"]) for row in table
    ]
    said = words(html(client, "/etudes/riche/coordinateurs"))
    for line, row in zip(facts, table, strict=True):
        assert line["justification"] == row["justification"]
        assert plain(row["justification"]) in said
        assert "|".join(line["options"]) == row["options"]


def test_before_and_after_are_those_of_the_plan(client: Client) -> None:
    facts = answer(client, "maigre/plan")["avant_apres"]
    served = next(line for line in facts if line["nom"] == "servi")
    assert served["avant"] < served["liste"]
    said = words(html(client, "/etudes/maigre/avant-apres"))
    for line in facts:
        assert plain(line["libelle"]) in said
        assert plain(whole(line["liste"])) in said


# ---- files ----


def test_the_archive_holds_the_files_of_proposer(client: Client) -> None:
    made: Proposed = proposed(client, "riche")
    for place in ("", "/api/v1"):
        sent = client.get(f"{place}/etudes/riche/exports/propositions.zip?region=84")
        assert sent.headers["content-type"] == "application/zip"
        assert "_france_2023_propositions.zip" in sent.headers["content-disposition"]
        again = client.get(
            f"{place}/etudes/riche/exports/propositions.zip",
            headers={"if-none-match": sent.headers["etag"]},
        )
        assert again.status_code == 304
    assert sent.content == packed_files(made.found)
    with zipfile.ZipFile(io.BytesIO(sent.content)) as archive:
        assert set(archive.namelist()) == {*ABOUT_PROPOSALS, "LISEZMOI.txt"}
        text = archive.read("propositions.csv").decode("utf-8-sig")
    listed = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert [row["option_id"] for row in listed] == list(made.rows)


def test_the_map_runs_its_own_scripts_alone(client: Client) -> None:
    sent = client.get("/etudes/riche/avant-apres/carte", headers=PAGE)
    policy = sent.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "script-src 'sha256-" in policy
    assert policy.endswith("frame-ancestors 'none'")
    saved = client.get("/etudes/riche/exports/carte_avant_apres.html")
    assert saved.content == sent.content
    assert saved.headers["content-disposition"].startswith("attachment")


def test_examples_have_the_form_of_answers() -> None:
    kinds: dict[str, Any] = {
        "calcul": ProgressFacts,
        "propositions": list[ProposalLine],
        "ecartees": list[AsideFacts],
        "proposition": ProposalFacts,
        "plan": PlanFacts,
        "budget": BudgetFacts,
        "coordinateurs": list[CoordinatorFacts],
    }
    for name, kind in kinds.items():
        TypeAdapter(kind).validate_python(examples()[name])
