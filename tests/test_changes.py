"""What changed class between two studies, and why: exact, and nothing where nothing changed."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from builders import grid_territory, make_study, need, perimeter, post
from effort import tried
from hypothesis import given, settings
from hypothesis import strategies as st
from small_studies import SQUARES, few, studies
from test_propose import FILES, TOY
from toy import write_study

from api.cli import main
from coverage.dossiers.changes.changes import Change, changes, outcome_of
from coverage.dossiers.changes.families import FAMILIES, differing, with_families
from coverage.dossiers.changes.words import cause_words, change_sentence
from coverage.parameters import definitions
from coverage.study import compute
from data.results.changes import change_files

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from coverage.model import Coverage, Study

A, B, C = "01001", "01002", "01003"
LINE = grid_territory(3)
ALL = tuple(family.name for family in FAMILIES)


def of(study: Study) -> Coverage:
    return compute(study, LINE)


def study_of(etp: str | int = 1, hours: int = 30_000, **parameters: Any) -> Study:  # noqa: ANN401 - any parameter
    return make_study(
        [post("S", etp)],
        [perimeter("S", A), perimeter("S", B, "extension")],
        [need(A, hours), need(B, 4_000), need(C, 2_000)],
        **parameters,
    )


def communes(found: Iterable[Change]) -> dict[str, Change]:
    return {each.place_id: each for each in found if each.kind == "commune"}


def test_the_same_study_has_no_row_whatever_the_order_of_its_lines() -> None:
    study = study_of()
    shuffled = replace(
        study,
        needs=study.needs.assign(row=[9, 8, 7]),
        name="Un autre nom",
        posts=study.posts.assign(row=5),
    )
    assert differing(study, shuffled) == ()
    assert changes(of(study), of(shuffled)) == ()


@pytest.mark.parametrize(
    ("after", "cause"),
    [
        ({"etp": "1/2"}, "perimetres_postes"),
        ({"hours": 60_000}, "besoins"),
        ({"heures_par_etp": 25_000}, "methode"),
    ],
)
def test_one_family_changed_is_the_cause(after: dict[str, Any], cause: str) -> None:
    found = communes(changes(of(study_of()), of(study_of(**after))))
    assert set(found) == {A}
    change = found[A]
    assert (change.causes, change.alone) == ((cause,), True)
    assert change.before is not None
    assert change.after is not None
    assert (change.before.statut, change.after.statut) == ("couverte", "capacite_insuffisante")
    assert (change.before.kept, change.after.kept) == ("non_retenue", "retenue")


def test_a_threshold_is_a_cause_of_its_own() -> None:
    found = changes(of(study_of()), of(study_of(seuil_besoin_h=3_000)))
    change = communes(found)[C]
    assert (change.causes, change.alone) == (("seuils",), True)
    assert change.before is not None
    assert change.after is not None
    assert (change.before.kept, change.after.kept) == ("retenue", "a_documenter")
    assert change.before.statut == change.after.statut == "non_couverte"


def test_two_families_that_only_work_together_are_told_together() -> None:
    """35,000 h for 34,000: a little less work and a little more need, each bearable alone."""
    before = study_of(hours=30_000)
    # The threshold differs too, and decides nothing.
    after = study_of(hours=30_800, heures_par_etp=34_500, seuil_besoin_h=1_600)
    assert differing(before, after) == ("besoins", "seuils", "methode")
    for one in ("besoins", "methode"):
        alone = of(with_families(before, after, (one,)))
        assert alone.communes["statut"][A] == "couverte"
    change = communes(changes(of(before), of(after)))[A]
    assert (change.causes, change.alone) == (("besoins", "methode"), False)
    assert cause_words(change) == (
        "plusieurs causes ensemble (besoins et sources, autres paramètres de la méthode)"
    )


def test_each_of_two_families_may_suffice() -> None:
    change = communes(
        changes(of(study_of()), of(study_of(etp="1/2", hours=60_000, seuil_reponse=Fraction(1, 2))))
    )[A]
    # The threshold alone would forgive; either of the others alone would not be forgiven.
    assert (change.causes, change.alone) == (("perimetres_postes", "besoins"), True)


def test_the_year_alone_moves_what_is_dated() -> None:
    before = study_of()
    before = replace(before, needs=before.needs.assign(annee=[2023, 2023, 2023]))
    change = communes(changes(of(before), of(replace(before, year=2024, last_year=2024))))[A]
    assert (change.causes, change.alone) == (("cadre",), True)
    assert change.after is not None
    assert (change.after.statut, change.after.known) == ("donnee_manquante", "aucun")
    # An unknown need is said to be unknown, never zero.
    assert "puis inconnu" in change_sentence(change)
    files = change_files([change], of(before), of(before))
    row = next(csv.DictReader(io.StringIO(str(files["changements.csv"]))))
    assert (row["besoin_h_avant"], row["besoin_h_apres"]) == ("30000", "")


def test_a_zone_that_appears_is_told_with_its_communes() -> None:
    before = of(study_of())
    after = of(replace(study_of(), perimeters=study_of().perimeters.iloc[:1]))
    zones = {each.place_id: each for each in changes(before, after) if each.kind == "zone"}
    # B joins C in the zone that nobody covers, which then bears B's code.
    assert {name.rpartition("-")[0] for name in zones} == {"84-limitrophe", "84-non_couverte"}
    gone = zones[f"84-limitrophe-{B}"]
    assert (gone.after, gone.causes, gone.alone) == (None, ("perimetres_postes",), True)
    grown = zones[f"84-non_couverte-{B}"]
    assert grown.before is None
    assert grown.after is not None
    assert grown.after.members == (1, 2)


def test_families_hold_every_input_that_decides() -> None:
    """Each parameter and each table of a study is in one family, but what decides no class."""
    named = [name for family in FAMILIES for name in family.parameters]
    assert sorted(named) == sorted(definitions())
    aside = {"name", "parameters", "last_year", "call", "fictional", "inputs"}
    aside |= {"warnings", "funding", "opinions", "awards", "reports"}
    tables = [name for family in FAMILIES for name in family.tables]
    assert sorted(tables) == sorted(set(study_of().__dataclass_fields__) - aside)


Inputs = tuple[str, int, Fraction, int]
"""ETP, hours of need, threshold, hours by ETP: one of each family but the year."""

inputs = st.tuples(
    st.sampled_from(["1/2", "1"]),
    st.sampled_from([15_000, 30_000, 60_000]),
    st.sampled_from([Fraction(1, 2), Fraction(1)]),
    st.sampled_from([30_000, 35_000]),
)
NAMES = ("perimetres_postes", "besoins", "seuils", "methode")


@cache
def decided_of(values: Inputs) -> Coverage:
    etp, hours, threshold, productivity = values
    return of(study_of(etp, hours, seuil_reponse=threshold, heures_par_etp=productivity))


def class_of(values: Inputs, code: str) -> tuple[object, ...]:
    found = decided_of(values)
    zone = found.zones.loc[found.communes["zone_id"][code]]
    return found.communes["statut"][code], zone["retenue"], zone["en_attente"]


def naive_causes(before: Inputs, after: Inputs, code: str) -> tuple[tuple[str, ...], bool]:
    """Write each study anew, with one input of after, then with all but one."""

    def with_inputs(places: Iterable[int]) -> tuple[object, ...]:
        taken = set(places)
        mixed = [after[k] if k in taken else before[k] for k in range(4)]
        return class_of(tuple(mixed), code)  # type: ignore[arg-type] # as long as the inputs

    moved = [k for k in range(4) if before[k] != after[k]]
    alone = [k for k in moved if with_inputs([k]) == class_of(after, code)]
    needed = [k for k in moved if with_inputs(set(moved) - {k}) != class_of(after, code)]
    told = alone or (needed if len(needed) > 1 else moved)
    return tuple(NAMES[k] for k in told), bool(alone)


@settings(few, max_examples=tried(6))
@given(inputs, inputs)
def test_causes_are_those_that_trying_each_finds(before: Inputs, after: Inputs) -> None:
    found = communes(changes(decided_of(before), decided_of(after)))
    for code in (A, B, C):
        assert (code in found) == (class_of(before, code) != class_of(after, code))
    for code, change in found.items():
        assert (change.causes, change.alone) == naive_causes(before, after, code)


@settings(few, max_examples=tried(3))
@given(studies(), studies())
def test_all_families_give_the_study_after(before: Study, after: Study) -> None:
    last, whole = (
        outcome_of(compute(study, SQUARES))
        for study in (replace(after, last_year=after.year), with_families(before, after, ALL))
    )
    assert whole == last


def test_the_commands_tell_the_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("api.pipeline.load_territory", lambda **_: TOY)
    before = write_study(tmp_path / "avant", FILES)
    perimeters = FILES["perimetres.csv"].replace("A,facilitateur,extension,commune,01033\n", "")
    after = write_study(tmp_path / "apres", FILES | {"perimetres.csv": perimeters})
    out = tmp_path / "changements"
    arguments = ["changements", str(after), "--depuis", str(before), "-o", str(out)]
    assert main(arguments) == 0
    assert "périmètres et postes" in capsys.readouterr().out
    written = {path.name: path.read_bytes() for path in out.iterdir()}
    assert sorted(written) == [
        "LISEZMOI.txt",
        "changements.csv",
        "changements.json",
        "changements_zones.csv",
    ]
    rows = list(csv.DictReader(io.StringIO(written["changements.csv"].decode())))
    assert [(row["commune"], row["causes"]) for row in rows] == [("01033", "perimetres_postes")]
    assert json.loads(written["changements.json"])["differe"] == {
        "perimetres_postes": "périmètres et postes"
    }
    capsys.readouterr()
    assert main(["expliquer", str(after), "01033", "--depuis", str(before)]) == 0
    said = capsys.readouterr().out.replace("\u202f", " ")
    assert "Ce qui a changé depuis l’étude d’avant :" in said
    assert "Cause : périmètres et postes." in said
    assert main(["expliquer", str(after), "01004", "--depuis", str(before), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["changements"] == []
    wrong = write_study(tmp_path / "faux", FILES | {"postes.csv": "poste_id\nP1\n"})
    assert main(["expliquer", str(after), "01004", "--depuis", str(wrong)]) == 1
    assert "faux/postes.csv" in capsys.readouterr().err
