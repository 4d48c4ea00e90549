"""`comparer`: what it writes is what `proposer` says of each scenario, side by side."""

from __future__ import annotations

import csv
import html
import json
import re
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from test_propose import APPLICATION, FILES, rows, write
from test_scenarios import HEAD, TOY, named
from test_scenarios_overlaid import SEARCH
from toy import write_study

from api import pipeline
from api.cli import main
from api.comparing import compare
from api.proposing import propose
from coverage.proposals.compare import choices, figures
from coverage.status import STATUTS
from data.results.comparison import figures_table
from data.results.readme import ABOUT_COMPARISON
from geo.errors import InputErrors
from maps.scenarios.page import build_comparison

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from coverage.proposals.compare import Variant

LOCKED = "zb-94-2A-2A004#1"
NAMED = "Enveloppe <b>réduite</b> & co"
SCENARIOS = {
    "petite.toml": named(
        NAMED,
        'description = "<script>alert(1)</script>"\n[appel]\nbudget_eur = 100000\n'
        f'[verrous]\n"{LOCKED}" = "promis <au> préfet"\n',
    ),
    "demandes.toml": named(
        "Demandés seuls",
        "[methode]\nheures_par_etp = 30000\n[appel]\nunite_objectif = 'postes'\n"
        "[options]\ngenerees = false\n",
    ),
    "rien.toml": named("Rien ne change"),
}
KEYS = ("etude", "demandes", "petite", "rien")


@pytest.fixture(autouse=True, scope="module")
def toy() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "load_territory", lambda **_: TOY)
        yield


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write(tmp_path_factory.mktemp("e") / "étude", FILES, {"alpha.toml": APPLICATION})
    write_study(folder / "scenarios", SCENARIOS)
    write_study(folder / "scenarios" / "demandes", {"zeta.toml": APPLICATION})
    return folder


Compared = tuple["tuple[Variant, ...]", "Path"]


@pytest.fixture(scope="module")
def compared(study: Path, tmp_path_factory: pytest.TempPathFactory) -> Compared:
    out = tmp_path_factory.mktemp("c") / "s"
    return compare(study, out, SEARCH, on_step=lambda _: None), out


def read(folder: Path, name: str) -> list[dict[str, str]]:
    return rows((folder / name).read_text(encoding="utf-8"))


def test_the_study_comes_first_then_scenarios_by_file(compared: Compared) -> None:
    variants, out = compared
    assert tuple(each.key for each in variants) == KEYS
    assert {path.name for path in out.iterdir()} == {*ABOUT_COMPARISON, "LISEZMOI.txt"}
    told = (out / "LISEZMOI.txt").read_text(encoding="utf-8")
    assert "COMPARAISON DE SCÉNARIOS" in told
    assert all(name in told for name in ABOUT_COMPARISON)


@pytest.mark.parametrize("key", ["etude", "demandes", "petite"])
def test_figures_are_those_of_proposals_made_apart(
    compared: Compared, study: Path, tmp_path: Path, key: str
) -> None:
    out = tmp_path / "p"
    named_ = "" if key == "etude" else key
    propose(study, out, SEARCH, on_step=lambda _: None, scenario=named_)
    plan = json.loads((out / "plan.json").read_text(encoding="utf-8"))
    listed, places = read(out, "propositions.csv"), read(out, "avant_apres.csv")
    aside = read(out, "propositions_ecartees.csv")
    paid = [row for row in listed if row["finance"] == "oui"]
    new = [row for row in paid if not row["option_id"].startswith("conv-")]
    statuses = [row["statut_plan"] for row in places]
    told = {row["chiffre"]: row[key] for row in read(compared[1], "comparaison.csv")}

    def total(rows_: list[dict[str, str]], column: str) -> Fraction:
        return sum((Fraction(row[column]) for row in rows_), Fraction(0))

    expected = {
        "enveloppe": Fraction(str(plan["budget"]["enveloppe_eur"])),
        "options": Fraction(len({row["option_id"] for row in [*listed, *aside]})),
        "liste_etp": total(new, "etp"),
        "liste_part_etat": total(paid, "part_etat_eur"),
        "liste_heures_prioritaires": total(paid, "gain_prioritaire_h"),
        "liste_heures_sans_perimetre_principal": total(paid, "gain_sans_perimetre_principal_h"),
        "liste_heures": total(paid, "gain_h"),
        "plan_part_etat": Fraction(str(plan["budget"]["engage_eur"])),
        **{
            f"plan_{goal['objectif']}": Fraction(goal["atteint"])
            for goal in plan["objectifs"]
            if goal["objectif"].startswith("heures")
        },
        "apres_servi": total(places, "servi_h_plan"),
        **{f"apres_{statut}": Fraction(statuses.count(statut)) for statut in STATUTS},
    }
    assert {name: Fraction(told[name]) for name in expected} == expected
    posts = {row["option_id"]: row for row in read(compared[1], "comparaison_postes.csv")}
    by_id = {row["option_id"]: row for row in listed}
    for name, row in posts.items():
        own = by_id.get(name)
        assert row[f"rang_{key}"] == (own["rang"] if own else "")
        assert row[f"finance_{key}"] == (own["finance"] if own else "")
        assert row[f"gain_h_{key}"] == (own["gain_h"] if own else "")
        if own:
            assert row[f"plan_exact_{key}"] == own["plan_exact"]
            assert row[f"etp_{key}"] == own["etp"]
    assert by_id.keys() | {row["option_id"] for row in aside} == {
        name for name, row in posts.items() if row[f"etp_{key}"]
    }
    for one, other in zip(places, read(compared[1], "comparaison_communes.csv"), strict=True):
        assert one["commune"] == other["commune"]
        assert one["statut_plan"] == other[f"statut_{key}"]
        assert one["taux_reponse_plan"] == other[f"taux_reponse_{key}"]
        assert one["taux_reponse_etat_plan"] == other[f"taux_reponse_etat_{key}"]
        assert one["statut_avant"] == other["statut_aujourdhui"]


def test_gaps_add_up_and_what_is_off_is_told_as_such(compared: Compared) -> None:
    variants, out = compared
    for row in read(out, "comparaison.csv"):
        for key in KEYS[1:]:
            known = row["etude"] and row[key]
            gap = row[f"ecart_{key}"]
            assert bool(gap) == bool(known)
            if known:
                assert Fraction(row["etude"]) + Fraction(gap) == Fraction(row[key])
    objective = {row.name: row.values for row in figures(variants) if "objectif" in row.name}
    assert objective == {
        "objectif_etp": (9_000, None, 9_000, 9_000),
        "objectif_postes": (None, 90, None, None),
    }
    alone = figures((variants[0], variants[2]))
    assert "objectif_postes" not in {row.name for row in alone}
    assert all(len(row.values) == 2 for row in alone)


def test_a_scenario_that_changes_nothing_proposes_the_same(compared: Compared) -> None:
    study, *_, nothing = compared[0]
    assert nothing.found.ranked == study.found.ranked
    assert nothing.found.plan == study.found.plan
    assert nothing.found.verified == study.found.verified
    assert nothing.found.budget.totals == study.found.budget.totals
    assert not any(row.differs for row in choices((study, nothing)))
    assert {row.gaps()[1] for row in figures((study, nothing))} <= {0, None}


def test_every_option_of_every_variant_stands_once(compared: Compared) -> None:
    variants, out = compared
    told = [row["option_id"] for row in read(out, "comparaison_postes.csv")]
    every = {option.option_id for each in variants for option in each.found.ask.options}
    assert told == sorted(every)
    assert "cand-zeta-f" in every
    rows_ = {row["option_id"]: row for row in read(out, "comparaison_postes.csv")}
    assert rows_["cand-zeta-f"]["etp_etude"] == ""
    assert rows_["cand-zeta-f"]["etp_demandes"] == "0.75"
    assert rows_[LOCKED]["etp_demandes"] == ""
    assert rows_[LOCKED]["plan_exact_petite"] == "oui"
    for row in rows_.values():
        taken = [
            {row[f"{name}_{key}"] == "oui" for key in KEYS} for name in ("finance", "plan_exact")
        ]
        assert row["differe"] == ("oui" if any(len(own) > 1 for own in taken) else "non")


def test_the_page_escapes_names_and_says_what_changes(compared: Compared) -> None:
    page = (compared[1] / "comparaison.html").read_text(encoding="utf-8")
    text = html.unescape(re.sub(r"<[^>]+>", "", page)).replace("\u202f", " ")
    assert "<script" not in page
    assert "<b>" not in page
    for words in (
        NAMED,
        f"option {LOCKED} verrouillée (promis <au> préfet)",
        "règle « budget_eur » : 100 000 euros au lieu de 5 400 000 euros",
        "règle « unite_objectif » : postes au lieu de etp",
        "seuls les postes demandés par une candidature sont comparés",
        "1 candidature ajoutée",
        "Ce scénario ne change rien à l’étude",
        "Proposition calculée, sans valeur de décision",
        "Alpha & fils",
        "sans limite",
    ):
        assert words in text.replace("\u00a0", " "), words
    assert "heures_par_etp" not in text
    variants = compared[0]
    alike = build_comparison((variants[0], variants[3]))
    assert "Aucune option ne change de sort" in alike


def test_scenarios_json_tells_each_scenario_and_every_file_read(compared: Compared) -> None:
    content = json.loads((compared[1] / "scenarios.json").read_text(encoding="utf-8"))
    assert [each["id"] for each in content["scenarios"]] == list(KEYS)
    own = {each["id"]: each for each in content["scenarios"]}
    assert own["petite"]["appel"] == {"budget_eur": 100_000}
    assert own["petite"]["verrous"] == {LOCKED: "promis <au> préfet"}
    assert own["demandes"]["methode"] == {"heures_par_etp": 30_000}
    assert own["demandes"]["options_generees"] is False
    assert own["demandes"]["candidatures"] == ["zeta"]
    names = {file["nom"] for file in content["fichiers"]}
    assert names >= {
        "candidatures/alpha.toml",
        "besoins.csv",
        *(f"scenarios/{name}" for name in SCENARIOS),
        "scenarios/demandes/zeta.toml",
    }


def test_the_same_study_gives_the_same_bytes_in_any_order(
    study: Path, compared: Compared, tmp_path: Path
) -> None:
    turned = {
        name: text if name == "etude.toml" else "\n".join([lines[0], *reversed(lines[1:])]) + "\n"
        for name, text in FILES.items()
        for lines in [text.splitlines()]
    }
    other = write(tmp_path / "autre", turned, {"alpha.toml": APPLICATION})
    write_study(other / "scenarios", dict(reversed(SCENARIOS.items())))
    write_study(other / "scenarios" / "demandes", {"zeta.toml": APPLICATION})
    compare(other, tmp_path / "s", SEARCH, on_step=lambda _: None)
    hashes = re.compile(rb'"sha256": ?"[0-9a-f]{64}"')
    for path in compared[1].iterdir():
        content = (tmp_path / "s" / path.name).read_bytes()
        assert hashes.sub(b"", content) == hashes.sub(b"", path.read_bytes()), path.name
        for folder in (study, other):
            assert str(folder).encode() not in content


def test_the_command_compares_those_that_are_named_once_each(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "s"
    words = ["comparer", str(study), "-o", str(out), "--certifie", "500", "--excel"]
    assert main([*words, "--scenario", "petite", "--scenario", NAMED]) == 0
    told = capsys.readouterr().out
    assert f"  {NAMED} : " in told
    assert "Rien ne change" not in told
    assert "Proposition calculée, sans valeur de décision" in told
    raw = (out / "comparaison.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    header, line, *_ = csv.reader(raw.decode("utf-8-sig").splitlines(), delimiter=";")
    assert header == ["chiffre", "libelle", "unite", "etude", "petite", "ecart_petite"]
    assert line[3:] == ["5400000,00", "100000,00", "-5300000,00"]


def test_without_a_scenario_there_is_nothing_to_compare(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write(tmp_path / "e", FILES)
    assert main(["comparer", str(folder), "-o", str(tmp_path / "s")]) == 1
    told = capsys.readouterr().err
    assert "aucun scénario à comparer" in told
    assert "écrivez un fichier .toml dans le dossier « scenarios »" in told
    assert main(["comparer", str(folder), "-o", str(tmp_path / "s"), "--scenario", "x"]) == 1
    assert "scénario « x » absent" in capsys.readouterr().err
    assert not (tmp_path / "s").exists()


def test_scenarios_without_a_plan_are_all_named_and_nothing_is_written(tmp_path: Path) -> None:
    folder = write(tmp_path / "e", FILES)
    poor = {
        f"{name}.toml": named(name.upper(), f"[appel]\nbudget_eur = {euros}\n")
        for name, euros in (("a", 10_000), ("b", 20_000), ("c", 500_000))
    }
    write_study(folder / "scenarios", poor)
    with pytest.raises(InputErrors) as stop:
        compare(folder, tmp_path / "s", SEARCH, on_step=lambda _: None)
    faults = stop.value.faults
    assert [each.file for each in faults] == ["scenarios/a.toml", "scenarios/b.toml"]
    assert all("aucun plan ne respecte ensemble" in each.message for each in faults)
    assert not (tmp_path / "s").exists()


def test_a_comparison_does_not_replace_other_results(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write(tmp_path / "e", FILES)
    write_study(folder / "scenarios", {"a.toml": HEAD})
    write_study(tmp_path / "s", {"plan.json": "garder"})
    assert main(["comparer", str(folder), "-o", str(tmp_path / "s")]) == 1
    assert "« plan.json »" in capsys.readouterr().err
    assert (tmp_path / "s" / "plan.json").read_text(encoding="utf-8") == "garder"


def test_the_table_of_figures_has_a_column_for_each_variant(compared: Compared) -> None:
    table: Any = figures_table(compared[0])
    assert list(table.columns) == [
        *("chiffre", "libelle", "unite", *KEYS),
        *(f"ecart_{key}" for key in KEYS[1:]),
    ]
