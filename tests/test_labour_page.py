"""The page of labour shares says what the program does, family by family."""

from __future__ import annotations

from pathlib import Path

from coverage.origins.labour import FAMILIES, Family
from coverage.origins.thresholds import THRESHOLDS
from coverage.wording import whole

PAGE = Path(__file__).parents[1] / "docs/main-oeuvre.md"


def line_of(family: Family) -> str:
    share = "`part_main_oeuvre`" if family.share is None else f"{float(family.share * 100):g} %"
    spread = f"{float(family.low * 100):g} à {float(family.high * 100):g} %"
    if not family.convertible:
        share = spread = "sans objet"
    cells = (f"`{family.prefix}`", family.label, family.nature, share, spread, family.basis)
    return f"| {' | '.join(cells)} |"


def test_every_family_has_its_line_and_no_other() -> None:
    told = [
        line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")
    ]
    assert told == [line_of(family) for family in FAMILIES]


def test_thresholds_are_those_of_the_scenario() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for held in THRESHOLDS:
        amounts = (held.state_eur, held.others_eur, held.works_eur)
        cells = (f"{held.start:%d/%m/%Y}", *(f"{whole(each)} €" for each in amounts), held.source)
        assert f"| {' | '.join(cells)} |" in text
