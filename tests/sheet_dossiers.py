"""Dossiers for tests of maps and sheets: examined for real, or told in chosen words."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from coverage.dossiers.bench import Bench
from coverage.dossiers.examine import examine
from coverage.dossiers.form import Form
from coverage.dossiers.model import CONTRARY, Case, Finding
from coverage.parameters import CLASSES
from data.calls.read import read_call

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from coverage.dossiers.model import Dossier
    from coverage.model import Coverage
    from maps.dossiers.blocks import Sheet

FACILITATOR = "facilitateur"


def bench_of(coverage: Coverage) -> Bench:
    return Bench(coverage, read_call())


def case_of(
    units: Iterable[int],
    *,
    volets: Iterable[str] = (FACILITATOR,),
    **changed: Any,  # noqa: ANN401 - fields of a case
) -> Case:
    """Return the case of a new structure that asks for half a post on some units."""
    values = {
        "porteur": {"nom": "Structure nouvelle"},
        "demande": {**{f"etp_{volet}": 50 for volet in volets}, "motif_etp": "zone_blanche"},
    }
    rows = tuple(sorted(units))
    case = Case(
        application_id="essai",
        file="candidatures/essai.toml",
        structure_id="nouvelle:essai",
        structure_name="Structure nouvelle",
        form=Form(values),
        gaps=(),
        application=None,
        places=dict.fromkeys(volets, (rows, CLASSES)) if rows else {},
        sha256="a" * 64,
    )
    return replace(case, **changed)


def dossier_of(bench: Bench, units: Iterable[int], **changed: Any) -> Dossier:  # noqa: ANN401
    return examine(case_of(units, **changed), bench)


def saying(dossier: Dossier, words: str) -> Dossier:
    """Return a dossier all of whose sentences are some words."""
    told = replace(
        dossier,
        case=replace(dossier.case, structure_name=words, application_id=words, file=words),
        findings=tuple(
            Finding(CONTRARY, "rule", words, words, "place", words, words) for _ in range(40)
        ),
    )
    for name in ("tests", "objections"):
        kept = {
            volet: tuple(
                replace(
                    each,
                    sentence=words,
                    **({"reasons": (words,) * 9} if name == "tests" else {"answer": words}),
                )
                for each in found
            )
            for volet, found in getattr(told, name).items()
        }
        told = replace(told, **{name: kept})
    verdicts = {
        volet: replace(
            each,
            sentence=words,
            verify_why=words,
            verify_first=replace(each.verify_first, name=words),
        )
        for volet, each in told.verdicts.items()
    }
    proportions = {
        volet: replace(
            each,
            lines=tuple(replace(line, message=words) for line in each.lines) * 5,
            payments=((2023, words, 100),) * 30,
        )
        for volet, each in told.proportions.items()
    }
    return replace(told, verdicts=verdicts, proportions=proportions)


def words_of(sheet: Sheet) -> str:
    """Return every text of a sheet, the drawing left out, one a line."""
    return "\n".join(_texts(asdict(sheet)))


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401 - a tree of plain values
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key != "svg":
                yield from _texts(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _texts(inner)
