"""The page of the national example's plan, made from what is computed: `docs/exemple-plan.md`.

To write it anew: `python tests/national_plan.py`.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from api.filed import with_filed
from api.proposing import Search, decide
from coverage.proposals.compare import HOURS, coverage_figures
from coverage.proposals.limits import KEPT, euros
from coverage.wording import THIN, decimal, whole
from maps.proposals.synthesis import GOAL_NAMES, goal_line, posts_told

if TYPE_CHECKING:
    from coverage.model import Coverage
    from coverage.proposals.outcome import Proposals

PAGE = Path(__file__).parents[1] / "docs" / "exemple-plan.md"
NODES = 200


def national_proposals(coverage: Coverage, folder: Path) -> Proposals:
    """Return what the example proposes with its applications, in the reproducible mode."""
    complete, filed = with_filed(coverage, folder)
    search = Search(seconds=None, nodes=NODES)
    return decide(complete, filed.applications, search, on_step=lambda _: None)


def page(found: Proposals) -> str:
    """Return the page in Markdown."""
    parts = [_HEAD, _goals(found), _money(found), _states(found), _places(found)]
    return "\n".join(parts) + "\n"


_HEAD = f"""# Le plan national de l’exemple

*Exemple fictif : il ne décrit aucune situation réelle.*
*Proposition calculée, sans valeur de décision.*

Ce que `zones-blanches proposer demo-etude -o postes --certifie {NODES}` trouve sur l’exemple livré
avec le programme, France entière. Le plan a été recompté par la vérification indépendante avant
d’être publié, et un test recalcule cette page : elle ne peut pas s’écarter de ce que fait le
programme.
"""


def _goals(found: Proposals) -> str:
    lines = [
        "## Objectifs, bornes et écarts",
        "",
        "| Objectif | atteint | borne prouvée | écart | liste classée |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for goal in found.plan.attained:
        own = goal_line(found, goal)
        lines.append(
            f"| {GOAL_NAMES[goal]} | {own.attained} | {own.bound} | {own.gap} | {own.listed} |"
        )
    return "\n".join([*lines, ""])


def _money(found: Proposals) -> str:
    options = found.ask.options
    new = [options[k] for k in found.plan.chosen if options[k].origin != KEPT]
    kept = [options[k] for k in found.plan.chosen if options[k].origin == KEPT]
    asked = [option for option in options if option.origin == "candidature"]
    broken = {each.option_id for each in found.ask.aside}
    fit = [option for option in asked if option.option_id not in broken]
    taken = [option for option in new if option.origin == "candidature"]
    verified = found.verified
    return "\n".join(
        [
            "## Postes et argent",
            "",
            f"- {whole(len(options))} options comparées, {whole(len(found.ranked))} classées,"
            f" {whole(len(found.funded))} financées par la liste, {whole(len(found.plan.chosen))}"
            " au plan exact.",
            f"- {whole(len(kept))} postes conservés de 2022, {whole(len(new))} postes nouveaux"
            f" pour {decimal(sum(o.etp for o in new), 2)} ETP.",  # type: ignore[arg-type]
            f"- {whole(len(asked))} postes demandés par les candidatures de l’exemple :"
            f" {whole(len(asked) - len(fit))} mis de côté par une règle de l’appel,"
            f" {whole(len(taken))} au plan exact.",
            f"- Argent de l’appel : {euros(verified.state_cents)} sur 5{THIN}400{THIN}000 € ;"
            f" coût total : {euros(verified.cost_cents)}.",
            "",
        ]
    )


def _states(found: Proposals) -> str:
    columns = [
        coverage_figures(coverage) for coverage in (found.ask.coverage, found.listed, found.planned)
    ]
    lines = [
        "## Avant et après",
        "",
        "| | aujourd’hui | avec la liste | avec le plan |",
        "| --- | ---: | ---: | ---: |",
    ]
    for row in zip(*columns, strict=True):
        cells = [f"{whole(own[3])}{' h' if own[2] == HOURS else ''}" for own in row]
        lines.append(f"| {row[0][1]} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def _places(found: Proposals) -> str:
    lines = ["## Où vont les premiers postes, et pourquoi", ""]
    for post in posts_told(found):
        more = f", aussi {post.others}" if post.others else ""
        lines += [f"**Rang {post.rank}, {post.structure}**{more}. {post.text}", ""]
    return "\n".join(lines).rstrip("\n")


def _write() -> None:
    from coverage.study import compute  # noqa: PLC0415 - only to write the page
    from data.example.generate import write_example  # noqa: PLC0415 - same reason
    from data.reference.territory import load_territory  # noqa: PLC0415 - same reason
    from data.study.reader import read_study  # noqa: PLC0415 - same reason

    france = load_territory()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "exemple"
        write_example(folder, france)
        coverage = compute(read_study(folder, france), france)
        found = national_proposals(coverage, folder)
    PAGE.write_text(page(found), encoding="utf-8")


if __name__ == "__main__":
    _write()
