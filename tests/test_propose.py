"""`proposer`: all files together or none, the same bytes, sums that agree, words that hold."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from test_applications import SOUND
from toy import toy_territory, write_study

from api import pipeline, proposing
from api.cli import main
from api.proposing import Search, decide
from coverage.proposals.justification import justification, replacement
from coverage.proposals.ranking import rank
from coverage.proposals.substitutes import substitutes
from coverage.study import compute
from data.applications.read import read_applications
from data.calls.read import read_call
from data.results.plan_files import budget_table, plan_json
from data.results.proposals import COLUMNS, aside_table, proposals_table
from data.results.readme import ABOUT_PROPOSALS
from data.study.reader import read_study
from maps.proposals.synthesis import build_synthesis

if TYPE_CHECKING:
    from pathlib import Path

    from coverage.proposals.outcome import Proposals

TOY = toy_territory()
CONTRACT = (
    *("rang", "option_id", "structure_id", "volet", "motif_etp", "zone_ids", "etp", "cout_eur"),
    *("part_etat_eur", "taux_etat", "gain_prioritaire_h", "gain_h", "gain_h_par_etp", "classe"),
    *("cout_remplacement_h", "probabilite", "rang_min", "rang_max", "avis", "justification"),
)
SETTINGS = 'format_version = 1\n[etude]\nnom = "Essai"\nannee = 2023\n'
FILES = {
    "etude.toml": SETTINGS,
    "structures.csv": (
        "structure_id,nom,siret,statut_juridique\n"
        "A,Alpha & fils,35600000000048,association\nB,Bêta,,epci_ept\n"
    ),
    "postes.csv": (
        "poste_id,structure_id,volet,etp,financement\n"
        "P1,A,facilitateur,0.5,socle\nP2,B,facilitateur,0.5,aap_2022\n"
        "P3,A,facilitateur,0.5,socle\nP4,B,coordinateur,0.5,aap_2022\n"
    ),
    "perimetres.csv": (
        "structure_id,volet,nature,niveau,code\n"
        "A,facilitateur,principal,commune,01004\nA,facilitateur,extension,commune,01033\n"
        "B,facilitateur,principal,commune,75056\nB,coordinateur,principal,region,11\n"
    ),
    "besoins.csv": (
        "commune,donneur_ordre,heures,programme,source\n"
        "01004,etat,60000,,p\n01033,etat,4000,,p\n01033,collectivites,30000,npnru,p\n"
        "2A004,collectivites,25000,,p\n75101,etat,40000,,p\n93066,operateurs_etat,12000,,p\n"
        "97411,bailleurs,8000,,p\n"
    ),
    "services_etat.csv": (
        "service_id,nom,type,commune,accompagne\n"
        "s1,Préfecture d’essai,prefecture,93066,non\ns2,DREETS d’essai,dreets,2A004,non\n"
    ),
}
APPLICATION = SOUND


def write(folder: Path, files: dict[str, str], candidates: dict[str, str] | None = None) -> Path:
    study = write_study(folder, files)
    if candidates:
        write_study(study / "candidatures", candidates)
    return study


@pytest.fixture(autouse=True)
def toy(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    if "france" not in request.fixturenames:
        monkeypatch.setattr(pipeline, "load_territory", lambda **_: TOY)
        monkeypatch.setattr("data.reference.territory.load_territory", lambda **_: TOY)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Proposals:
    folder = write(tmp_path_factory.mktemp("e") / "étude", FILES, {"alpha.toml": APPLICATION})
    return decided(folder, Search(seconds=None, nodes=1000, draws=40))


def decided(folder: Path, search: Search, **changes: Any) -> Proposals:  # noqa: ANN401
    study = read_study(folder, TOY)
    asked, _, findings = read_applications(folder / "candidatures", study, TOY, read_call())
    assert not findings.faults, findings.faults
    coverage = compute(replace(study, **changes), TOY)
    return decide(coverage, asked, search, on_step=lambda _: None)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def run(study: Path, out: Path, *words: str) -> int:
    return main(["proposer", str(study), "-o", str(out), *(words or ("--certifie", "500"))])


def test_the_folder_is_whole_and_the_same_whatever_the_order_of_rows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = write(tmp_path / "un", FILES, {"alpha.toml": APPLICATION})
    assert run(study, tmp_path / "s", "--certifie", "500", "--tirages", "20") == 0
    told = capsys.readouterr()
    assert "Proposition calculée, sans valeur de décision" in told.out
    one = {path.name: path.read_bytes() for path in (tmp_path / "s").iterdir()}
    assert one.keys() == {*ABOUT_PROPOSALS, "LISEZMOI.txt"}
    assert all(name.encode() in one["LISEZMOI.txt"] for name in ABOUT_PROPOSALS)
    turned = {
        name: text if name == "etude.toml" else "\n".join([lines[0], *reversed(lines[1:])]) + "\n"
        for name, text in FILES.items()
        for lines in [text.splitlines()]
    }
    other = write(tmp_path / "deux", turned, {"alpha.toml": APPLICATION})
    assert run(other, tmp_path / "t", "--certifie", "500", "--tirages", "20") == 0
    two = {path.name: path.read_bytes() for path in (tmp_path / "t").iterdir()}
    hashes = re.compile(rb'"sha256": ?"[0-9a-f]{64}"')
    for name, content in one.items():
        assert hashes.sub(b"", two[name]) == hashes.sub(b"", content), name
        assert str(tmp_path).encode() not in content


def test_columns_are_those_of_the_contract_and_options_are_all_told(found: Proposals) -> None:
    assert [name for name in COLUMNS if name in CONTRACT] == list(CONTRACT)
    table, aside = proposals_table(found), aside_table(found)
    ranked, out = table.columns["option_id"], aside.columns["option_id"]
    assert len(set(ranked)) == len(ranked)
    assert not set(ranked) & set(out)
    assert {*ranked, *out} == {option.option_id for option in found.ask.options}
    assert table.columns["rang"] == [str(n) for n in range(1, len(ranked) + 1)]
    kept = [row for row in found.ranked if row.option.origin == "convention"]
    assert [row.rank for row in kept] == list(range(1, len(kept) + 1))
    assert all(table.columns["justification"])
    assert all(
        aside.columns[name][n] for name in ("regle", "constat", "remede") for n in range(len(out))
    )


def test_sums_agree_between_the_list_the_plan_and_the_budget(found: Proposals) -> None:
    table = proposals_table(found)
    plan = json.loads(plan_json(found))
    goals = {goal["objectif"]: goal for goal in plan["objectifs"]}
    for column, goal in (
        ("gain_prioritaire_h", "heures_prioritaires"),
        ("gain_sans_perimetre_principal_h", "heures_sans_perimetre_principal"),
        ("gain_h", "heures"),
    ):
        hours = sum(
            int(value)
            for value, paid in zip(table.columns[column], table.columns["finance"], strict=True)
            if paid == "oui"
        )
        assert hours == goals[goal]["liste_classee"]
        assert goals[goal]["liste_classee"] <= goals[goal]["borne"]
        assert goals[goal]["ecart"] == goals[goal]["borne"] - goals[goal]["atteint"] >= 0
    assert plan["verifie"]
    assert plan["verification"]["heures"]["heures"] == goals["heures"]["atteint"] > 0
    budget = budget_table(found).columns

    def total(name: str) -> Fraction:
        return sum(map(Fraction, budget[name]), Fraction(0))

    assert total("engagement_eur") == total("avance_eur") + total("solde_eur")
    assert total("engagement_eur") == Fraction(str(plan["budget"]["engage_eur"]))
    funders = sum(
        total(f"{kind}_eur") for kind in ("etat_autre", "epa", "fse", "collectivite", "prive")
    )
    brought = total("engagement_eur") + funders + total("a_trouver_eur") - total("excedent_eur")
    assert total("cout_eur") == brought
    assert total("etp") == Fraction(found.verified.hundredths, 100)


def test_rates_of_a_place_are_those_of_hand_sums(found: Proposals) -> None:
    """Ajaccio asks 25,000 h and nobody is there: every hour served is that of its options."""
    row = TOY.units.index.get_loc("2A004")
    own = [
        k
        for k, option in enumerate(found.ask.options)
        if option.units == (row,) and option.origin == "generee"
    ]
    funded = [k for k in own if k in found.funded]
    assert len(own) == 2
    place = found.places.of(own[0])
    assert (place.need, place.state, place.priority) == (25_000, 0, 0)
    assert place.before == 0
    assert place.after == Fraction(min(25_000, 8_750 * len(funded)), 25_000)
    assert place.services == ("DREETS d’essai",)
    assert place.label == "Ajaccio (departement 2A)"
    assert place.origins == (("besoins", Fraction(1)),)
    extension = next(k for k, o in enumerate(found.ask.options) if o.option_id.startswith("zb-84"))
    assert found.places.of(extension).before is not None


def test_what_comes_instead_is_what_a_refusal_would_bring(found: Proposals) -> None:
    ask = found.ask
    limited = {**ask.call.rules, "objectif": replace(ask.call.rules["objectif"], value=1)}
    ask = replace(ask, call=replace(ask.call, rules=limited))
    ranked = rank(ask, found.network)
    funded = {row.option.option_id for row in ranked if row.funded}
    told = substitutes(ask, found.network, [found.position[name] for name in funded])
    new = {name for name in funded if not name.startswith("conv-")}
    assert told.keys() == new
    assert any(told.values())
    for name in new:
        without = rank(replace(ask, refused={name: "essai"}), found.network)
        came = [row.option.option_id for row in without if row.funded]
        assert list(told[name]) == [other for other in came if other not in funded]


def test_justifications_say_what_their_row_says(found: Proposals) -> None:
    for row in found.ranked:
        text = justification(found, row, found.places.of(found.position[row.option.option_id]))
        assert not re.search(r"[{}']|  |None|\bnan\b|[;!?] ?[;!?]| [;:!?]", text), text
        assert text.endswith(".")
        if row.option.origin == "convention":
            assert "appel de 2022" in text
            continue
        flat = text.replace("\u202f", "")
        assert str(row.gains[2]) in flat or not row.gains[2]
        if row.replacement_hours is not None:
            lost, _ = replacement(row)
            assert (f"perdrait {lost} " in flat) if lost else ("servirait autant" in flat)
        assert ("Non financé" in text) == (not row.funded)
        zone = found.ask.coverage.zones
        known = {*found.ask.coverage.certificates, *found.listed.certificates}
        assert known.issuperset(re.findall(r"\b[TE][XP]-[\w-]+", text))
        assert all(name in zone.index for name in re.findall(r"zone (\d\d-[\w-]+)", text))


def test_draws_fill_the_columns_of_solidity(found: Proposals) -> None:
    table = proposals_table(found).columns
    sure = [Fraction(value) for value in table["probabilite"]]
    assert all(0 <= value <= 1 for value in sure)
    assert any(sure)
    none = replace(found, solidity={}, draws=0)
    assert set(proposals_table(none).columns["probabilite"]) == {""}


def test_the_synthesis_says_the_national_figures_and_asks_nothing_outside(found: Proposals) -> None:
    page = build_synthesis(found)
    for words in (
        "environ 400 ETP en place, 83 conservés et 90 nouveaux font 573, pour 585 annoncés",
        "Proposition calculée, sans valeur de décision",
        "Alpha &amp; fils",
        "5\u202f400\u202f000\u202f€",
    ):
        assert words in page
    assert not re.search(r"<script|src=|url\(|https?://|Étude fictive", page)
    study = replace(found.ask.coverage.study, fictional=True)
    ask = replace(found.ask, coverage=replace(found.ask.coverage, study=study))
    assert "Étude fictive" in build_synthesis(replace(found, ask=ask))


def test_an_envelope_too_small_for_kept_posts_is_a_conflict_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    poor = FILES | {"etude.toml": SETTINGS + "[appel]\nbudget_eur = 20000\n"}
    study = write(tmp_path / "e", poor)
    assert run(study, tmp_path / "s") == 1
    told = capsys.readouterr().err
    assert "aucun plan ne respecte ensemble ces règles" in told
    assert "→" in told
    assert not (tmp_path / "s").exists()


def test_a_plan_that_its_check_denies_is_not_published(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = proposing.exact_plan

    def boastful(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401
        plan = honest(*arguments, **options)
        more = {goal: value + 1 for goal, value in plan.attained.items()}
        return replace(plan, attained=more, bounds=more)

    monkeypatch.setattr(proposing, "exact_plan", boastful)
    assert run(write(tmp_path / "e", FILES), tmp_path / "s") == 1
    assert "ne s’accordent pas" in capsys.readouterr().err
    assert not (tmp_path / "s").exists()


def test_faults_of_applications_are_listed_and_rules_broken_set_aside(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = APPLICATION.replace("etp_facilitateur = 0.75", 'etp_facilitateur = "beaucoup"')
    study = write(tmp_path / "e", FILES, {"alpha.toml": broken})
    assert run(study, tmp_path / "s") == 1
    assert "candidatures/alpha.toml" in capsys.readouterr().err
    assert not (tmp_path / "s").exists()
    assert main(["verifier", str(study)]) == 1
    assert "candidatures/alpha.toml" in capsys.readouterr().err
    small = APPLICATION.replace("etp_facilitateur = 0.75", "etp_facilitateur = 0.3")
    write_study(study / "candidatures", {"alpha.toml": small})
    assert run(study, tmp_path / "s", "--certifie", "500", "--json") == 0
    plan = json.loads(capsys.readouterr().out)
    assert any(file["nom"] == "candidatures/alpha.toml" for file in plan["fichiers"])
    out = rows((tmp_path / "s" / "propositions_ecartees.csv").read_text(encoding="utf-8"))
    assert ("cand-alpha-f", "etp_minimum") in {(row["option_id"], row["regle"]) for row in out}


def test_proposals_and_coverage_do_not_replace_one_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = write(tmp_path / "e", FILES)
    for name, kind, left in (("s", "calculer", "carte.html"), ("t", "proposer", "plan.json")):
        (tmp_path / name).mkdir()
        (tmp_path / name / left).write_text("garder")
        other = {"calculer": "proposer", "proposer": "calculer"}[kind]
        assert main([other, str(study), "-o", str(tmp_path / name)]) == 1
        assert f"« {left} »" in capsys.readouterr().err
        assert (tmp_path / name / left).read_text() == "garder"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--rapide", "5", "--certifie", "5"], "ne va pas avec"),
        (["--rapide", "0"], "nombre entier d’au moins 1 attendu"),
        (["--tirages", "-x"], "il manque sa valeur"),
        (["--certifie", "peu"], "reçu peu"),
    ],
)
def test_wrong_usage_is_told_in_french(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["proposer", "e", "-o", "s", *words])
    assert stop.value.code == 2
    assert said in capsys.readouterr().err


def test_a_region_of_the_example_is_proposed_in_a_moment(
    tmp_path: Path, example_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = shutil.copytree(example_folder, tmp_path / "etude")
    settings = (study / "etude.toml").read_text(encoding="utf-8")
    one = settings.replace("regions = []", 'regions = ["53"]')
    assert one != settings
    (study / "etude.toml").write_text(one, encoding="utf-8")
    assert run(study, tmp_path / "s", "--rapide", "5", "--json") == 0
    plan = json.loads(capsys.readouterr().out)
    assert plan["verifie"]
    assert plan["fictif"]
    table = rows((tmp_path / "s" / "propositions.csv").read_text(encoding="utf-8"))
    new = [row for row in table if not row["option_id"].startswith(("conv-", "cand-"))]
    assert {row["region"] for row in new} == {"53"}
    assert any(row["finance"] == "oui" for row in new)
