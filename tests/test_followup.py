"""The follow-up of conventions: figures found by hand, remarks at a day, files that agree."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

import docx
import pytest
from awards_filed import FILES, TOY, conventions
from test_extensions import application
from toy import write_study

from api.cli import main
from coverage.dossiers.awards.after import follow
from coverage.dossiers.awards.awards import awards_of
from coverage.dossiers.awards.indicators import INDICATOR_NAMES
from coverage.dossiers.awards.overlaps import find_overlaps
from coverage.dossiers.awards.results import LEAST_CONVENTIONS, regional_results
from coverage.dossiers.bench import Bench
from coverage.parameters import CLASSES
from coverage.proposals.application import Asked
from coverage.proposals.rules import with_rules
from coverage.study import compute
from data.applications.form import INDICATORS
from data.calls.read import read_call
from data.results.followup import followup_files
from data.study.reader import read_study

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from coverage.dossiers.awards.after import Followup
    from coverage.dossiers.awards.overlaps import Overlap
    from coverage.model import Coverage
    from coverage.proposals.application import Application

CALL = with_rules(read_call(), {})
Said = list[tuple[str, str, str]]


def coverage_of(folder: Path, files: dict[str, str]) -> Coverage:
    return compute(read_study(write_study(folder, files), TOY), TOY)


@pytest.fixture(scope="module")
def coverage(tmp_path_factory: pytest.TempPathFactory) -> Coverage:
    return coverage_of(tmp_path_factory.mktemp("suivi"), FILES)


def said(found: Followup, name: str) -> Said:
    """Subject, level and message of the remarks on a convention, spaces plain."""
    return [
        (each.subject, each.finding.level, each.finding.message.replace("\u202f", " "))
        for each in found.remarks
        if each.award.convention_id == name
    ]


def test_indicators_are_those_of_the_form() -> None:
    assert list(INDICATOR_NAMES) == list(INDICATORS)


def test_dates_and_payments_of_a_convention(coverage: Coverage) -> None:
    first, second, third, fourth = awards_of(coverage.study, CALL)
    assert (first.end, second.end) == (date(2023, 6, 30), date(2024, 6, 30))
    assert (third.started, third.end) == (date(2023, 9, 1), date(2024, 8, 31))
    assert (first.renewals, second.renewals) == (0, 1)
    assert first.payments(CALL) == (("avance", 2022, 780_513), ("solde", 2023, 780_512))
    # The advance falls at the signature, which the table may leave to the beginning.
    assert fourth.payments(CALL) == (("avance", 2022, 750_001), ("solde", 2023, 750_000))
    whole = with_rules(read_call(), {"avance": Fraction(1)})
    assert first.payments(whole) == (("avance", 2022, 1_561_025), ("solde", 2023, 0))


def test_a_renewed_convention_is_told_its_past(coverage: Coverage) -> None:
    found = follow(Bench(coverage, CALL))
    assert found.at == date(2023, 12, 31)
    assert said(found, "C1") == [
        ("recrutement", "conforme", "poste pourvu 62 jours après le début de l’action"),
        (
            "resultat",
            "a_discuter",
            "résultats par ETP sous l’objectif : bénéficiaires (personnes) 84 pour 90",
        ),
    ]
    assert said(found, "C2") == [
        (
            "resultat",
            "a_completer",
            "objectifs de la convention inconnus : ses résultats ne se comparent à rien",
        )
    ]


def test_a_vacant_post_and_the_hours_that_the_study_counts(coverage: Coverage) -> None:
    messages = said(follow(Bench(coverage, CALL)), "C3")
    assert messages[:2] == [
        (
            "recrutement",
            "a_discuter",
            "poste vacant depuis 121 jours : action commencée le 01/09/2023, aucun recrutement "
            "au 31/12/2023",
        ),
        (
            "recrutement",
            "a_discuter",
            "l’étude compte les heures du poste P2 dès le 01/07/2023, avant tout recrutement : la "
            "couverture y paraît meilleure qu’elle n’est",
        ),
    ]


def test_the_day_is_the_one_asked(coverage: Coverage) -> None:
    bench = Bench(coverage, CALL)
    spring = follow(bench, date(2024, 6, 1))
    assert ("recrutement", "a_discuter") in [line[:2] for line in said(spring, "C3")]
    assert "274 jours" in said(spring, "C3")[0][2]
    assert said(spring, "C2")[-1][:2] == ("renouvellement", "a_discuter")
    assert "finit le 30/06/2024" in said(spring, "C2")[-1][2]
    # A report of 2024 is not known at the end of 2023: the one before it counts.
    values = {
        at.year: [
            line.value for line in follow(bench, at).comparisons if line.indicator == "heures"
        ]
        for at in (date(2023, 12, 31), date(2024, 3, 1))
    }
    assert values == {2023: [14_000, 31_500, 20_000], 2024: [14_000, 31_500, 1]}
    assert follow(bench, date(2022, 6, 30)).remarks == ()


def test_reports_that_are_missing_or_late(coverage: Coverage) -> None:
    found = follow(Bench(coverage, CALL))
    assert ("rapport", "a_completer") in [line[:2] for line in said(found, "C4")]
    assert [line[2] for line in said(found, "C4") if line[0] == "renouvellement"] == [
        "terminée le 30/06/2023, sans renouvellement connu"
    ]
    assert not [line for line in said(found, "C1") if line[0] == "rapport"]


def test_a_third_renewal_is_against_the_call(tmp_path: Path) -> None:
    chain = [
        f"C{year},A,,facilitateur,0.5,,{f'C{year - 1}' if year > 2020 else ''},,{year}-01-01,,"
        f"{year}-01-01,1"
        for year in range(2020, 2024)
    ]
    found = follow(Bench(coverage_of(tmp_path, conventions(*chain)), CALL))
    levels = {
        name: {line[1] for line in said(found, name) if line[0] == "renouvellement"}
        for name in ("C2020", "C2021", "C2022", "C2023")
    }
    assert "contraire" in levels.pop("C2023")
    assert all("contraire" not in own for own in levels.values())
    assert "conforme" in {line[1] for line in said(found, "C2023")}


def naive_mean(told: Iterable[tuple[int, str]]) -> Fraction:
    rows = [(value, Fraction(etp)) for value, etp in told]
    return sum((v * e for v, e in rows), Fraction(0)) / sum((e for _, e in rows), Fraction(0))


def test_a_mean_is_weighted_by_etp_and_not_told_of_a_few(tmp_path: Path) -> None:
    values = [(30_000, "0.5"), (20_000, "1"), (10_000, "2.25")]
    rows = [
        f"K{k},A,,facilitateur,{etp},,,,2022-07-01,,2022-07-01,1"
        for k, (_, etp) in enumerate(values)
    ]
    files = conventions(*rows)
    files["resultats.csv"] += "".join(
        f"K{k},annuel,2023-07-01,{value},,,,,,{k or ''}\n" for k, (value, _) in enumerate(values)
    )
    (place, means), *others = regional_results(coverage_of(tmp_path, files), CALL).items()
    assert (place, others) == (("84", "facilitateur"), [])
    assert (means["heures"].value, means["heures"].conventions) == (naive_mean(values), 3)
    # An empty cell is no zero: two reports tell partnerships, none beneficiaries.
    assert LEAST_CONVENTIONS == 3
    assert (means["partenariats"].value, means["partenariats"].conventions) == (None, 2)
    assert (means["beneficiaires_etp"].value, means["beneficiaires_etp"].conventions) == (None, 0)


@cache
def asking(name: str, structure: str, *units: int, scope: tuple[str, ...] = CLASSES) -> Application:
    asked = Asked("facilitateur", 50, "zone_blanche", units, scope, 1, False, 1)  # noqa: FBT003
    return replace(application(name, structure), asked=(asked,), enlarged=None)


def naive_overlaps(applications: list[Application]) -> set[tuple[str, ...]]:
    """Every pair, then every structure that a call pays: A holds département 01, B Paris."""
    held = {"A": {0, 1}, "B": {3, 4}}
    found: set[tuple[str, ...]] = set()
    for one in applications:
        mine = one.asked[0]
        for other in applications:
            theirs = other.asked[0]
            if (
                one.application_id < other.application_id
                and set(mine.units) & set(theirs.units)
                and set(mine.scope) & set(theirs.scope)
            ):
                found.add(("deux_demandes", one.application_id, other.application_id))
        found |= {
            ("poste_accorde", one.application_id, name)
            for name, units in held.items()
            if name != one.structure_id and set(mine.units) & units
        }
    return found


def keys(found: Iterable[Overlap]) -> set[tuple[str, ...]]:
    return {(each.kind, each.application_id, each.other) for each in found}


def test_overlaps_are_those_of_every_pair(coverage: Coverage) -> None:
    applications = [
        asking("a", "A", 0, 1, 5),
        asking("b", "B", 1, 2),
        asking("c", "nouvelle:c", 2, 3, scope=("etat",)),
        asking("d", "nouvelle:d", 2, 6, scope=("prives",)),
        asking("e", "nouvelle:e", 7),
    ]
    found = find_overlaps(coverage, applications, CALL)
    assert keys(found) == naive_overlaps(applications)
    pair = next(each for each in found if each.kind == "deux_demandes")
    assert pair.units == (1,)
    # B reaches 93066 by extension alone: to ask for it asks for nobody's post.
    assert not keys(find_overlaps(coverage, [asking("f", "nouvelle:f", 5)], CALL))


def test_an_application_already_agreed_is_told(tmp_path: Path) -> None:
    files = conventions("K,A,retenue,facilitateur,0.5,,,,2023-07-01,,2023-07-01,1")
    made = coverage_of(tmp_path, files)
    own = asking("retenue", "A", 0)
    assert ("candidature_conventionnee", "retenue", "K") in keys(find_overlaps(made, [own], CALL))
    later = date(2024, 7, 1)
    assert not keys(find_overlaps(made, [own], CALL, later))


def rows_of(text: str | bytes) -> list[dict[str, str]]:
    plain = text if isinstance(text, str) else text.decode()
    return list(csv.DictReader(io.StringIO(plain)))


def test_files_are_the_same_twice_and_add_up(coverage: Coverage) -> None:
    bench = Bench(coverage, CALL)
    found = follow(bench)
    files = followup_files(found, coverage, CALL)
    assert files == followup_files(follow(Bench(coverage, CALL)), coverage, CALL)
    awards, payments = (rows_of(files[n]) for n in ("conventions.csv", "versements.csv"))
    total = sum(Fraction(row["montant_eur"]) for row in awards)
    assert total == Fraction("77440.51") == sum(Fraction(row["montant_eur"]) for row in payments)
    results = rows_of(files["resultats_par_etp.csv"])
    assert {row["niveau"] for row in results if row["rapport"] == "intermediaire"} <= {
        "",
        "à compléter",
    }
    assert len(rows_of(files["suivi.csv"])) == len(found.remarks)


def test_the_command_writes_tables_and_annexes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("api.pipeline.load_territory", lambda **_: TOY)
    study = write_study(tmp_path / "etude", FILES)
    out = tmp_path / "suivi"
    assert main(["suivi", str(study), "-o", str(out)]) == 0
    told = capsys.readouterr().out
    assert "4 conventions au 31/12/2023" in told
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    assert main(["suivi", str(study), "-o", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["date_du_suivi"] == "2023-12-31"
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    with zipfile.ZipFile(io.BytesIO(before["annexes.zip"])) as archive:
        assert len(archive.namelist()) == 4
        document = docx.Document(io.BytesIO(archive.read("annexe-C1-001.docx")))
    text = [each.text for each in document.paragraphs]
    assert "EXEMPLE FICTIF : ne décrit aucune situation réelle." in text
    cells = [
        [cell.text.replace("\u202f", " ") for cell in row.cells]
        for table in document.tables
        for row in table.rows
    ]
    assert ["périmètre principal", "département", "departement 01", "01"] in cells
    assert ["Avance, à la signature", "2022", "7 805,13 €"] in cells
    assert ["Solde, une fois l’action réalisée", "2023", "7 805,12 €"] in cells
    assert ["Heures d’insertion", "30 000", "trop peu de rapports"] in cells
    with pytest.raises(SystemExit):
        main(["suivi", str(study), "-o", str(out), "--date", "demain"])
