"""Pre-existing funding may not fall: post × funder × year (rule `non_substitution`).

What a funder other than the call brings to a post in the study's year is compared with what it
brought the year before. Unknown is neither kept nor lost: a post without an amount in one of the
two years is told as to be documented, and breaks no rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from coverage.perimeters import active_posts
from coverage.proposals.limits import euros, flag_of
from coverage.wording import THIN, named, plural
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from coverage.model import Study
    from coverage.proposals.application import Breach
    from coverage.proposals.model import Call, Option

RULE = "non_substitution"
CALL_MONEY = "etat_aap"
"""Type of the money of the call: the rule does not bear on it."""

KEPT_UP, HIGHER, LOWER = "maintenu", "en hausse", "en baisse"
UNKNOWN, ENDED, NEW, APART = "inconnu", "poste terminé", "nouveau", "hors règle"

_FILE = "financements"


@dataclass(frozen=True)
class FundingLine:
    """What one funder brings to one post, the year before and the study's year.

    Attributes
    ----------
    funder
        As written; writings that differ by case or spaces alone are one funder.
    types
        Of its money, sorted; the money of the call has a line of its own.
    before, now
        Cents; None when no amount of the post is known for that year, or none of the call.
    finding
        `maintenu`, `en hausse`, `en baisse`, `inconnu`, `poste terminé`, `nouveau`, or `hors
        règle` for the money of the call.
    """

    poste_id: str
    structure_id: str
    funder: str
    types: tuple[str, ...]
    before: int | None
    now: int | None
    finding: str


@dataclass(frozen=True)
class Fall:
    """A funder that brings less to a post than it did."""

    line: FundingLine
    year: int

    def breach(self) -> Breach:
        """Return the rule broken, what was found and the remedy."""
        before, now = self.line.before or 0, self.line.now or 0
        return (
            RULE,
            f"«\u00a0{self.line.funder}\u00a0» apporte {euros(now)} au poste "
            f"«\u00a0{self.line.poste_id}\u00a0» en {self.year}, après {euros(before)} en "
            f"{self.year - 1}{THIN}: {euros(before - now)} de moins",
            "obtenir le maintien de ce financement, ou corriger la table financements",
        )


def funding_lines(study: Study) -> tuple[FundingLine, ...]:
    """Return the lines of the study's year and the one before, sorted by post and funder."""
    years = (study.year - 1, study.year)
    filed = study.funding[study.funding["annee"].isin(years)]
    columns = (filed[name].tolist() for name in ("poste_id", "type", "financeur", "annee", "cents"))
    grouped: dict[tuple[str, bool, str], list[tuple[str, str, int, int]]] = {}
    for post, *own in zip(*columns, strict=True):
        key = (post, own[0] == CALL_MONEY, funder_key(own[1]))
        grouped.setdefault(key, []).append((own[0], own[1], own[2], own[3]))
    known = {(post, year) for (post, _, _), rows in grouped.items() for _, _, year, _ in rows}
    own_posts = study.posts[study.posts["poste_id"] != ""]
    posts = own_posts.set_index("poste_id")[["structure_id", "debut", "fin"]].to_dict("index")
    lines = []
    for (post, apart, _), rows in sorted(grouped.items()):
        # Other funders tell nothing of the call: its money is unknown where it has no row.
        told = {(post, of) for *_, of, _ in rows} if apart else known
        before, now = (
            sum(cents for *_, of, cents in rows if of == year) if (post, year) in told else None
            for year in years
        )
        life = (posts[post]["debut"], posts[post]["fin"])
        lines.append(
            FundingLine(
                poste_id=post,
                structure_id=str(posts[post]["structure_id"]),
                funder=min(funder for _, funder, _, _ in rows),
                types=tuple(sorted({kind for kind, *_ in rows})),
                before=before,
                now=now,
                finding=APART if apart else _finding(before, now, life, study.year),
            )
        )
    return tuple(lines)


def funder_key(name: str) -> str:
    """Return what tells funders apart: case and spaces aside.

    >>> funder_key("Conseil  départemental ") == funder_key("conseil départemental")
    True
    """
    return " ".join(name.casefold().split())


def _finding(
    before: int | None, now: int | None, life: tuple[date | None, date | None], year: int
) -> str:
    """Tell what became of the money of a funder.

    Parameters
    ----------
    life
        First and last day of the post. One that ends within the year may bring less with no one
        taking anything back.
    """
    begins, ends = life
    lower = now is None or (before is not None and now < before)
    if lower and ends is not None and ends < date(year, 12, 31):
        return ENDED
    if before is None:
        return NEW if begins is not None and begins >= date(year, 1, 1) else UNKNOWN
    if now is None:
        return UNKNOWN
    if lower:
        return LOWER
    if now == before:
        return KEPT_UP
    return HIGHER if before else NEW


def funding_falls(study: Study, call: Call) -> dict[str, tuple[Fall, ...]]:
    """Return the falls by structure; none when the rule is off."""
    falls: dict[str, tuple[Fall, ...]] = {}
    for line in funding_lines(study) if flag_of(call, RULE) else ():
        if line.finding == LOWER:
            own = falls.get(line.structure_id, ())
            falls[line.structure_id] = (*own, Fall(line, study.year))
    return falls


def funding_notices(study: Study, call: Call, options: Iterable[Option]) -> Iterator[Notice]:
    """Say what the rule could not judge, and whom a fall does not stop.

    Parameters
    ----------
    options
        Of the plan: those asked tell which structures the rule bears on.
    """
    if not flag_of(call, RULE):
        return
    lines = funding_lines(study)
    asking = {option.structure_id for option in options if option.origin == "candidature"}
    yield from _not_documented(lines, study.year)
    yield from _silent(study, asking, {line.poste_id for line in lines})
    if ended := sorted({line.poste_id for line in lines if line.finding == ENDED}):
        yield Notice(
            _FILE,
            0,
            "",
            f"{plural(len(ended), 'poste terminé', 'postes terminés')} dont des financements "
            f"baissent ou s’arrêtent ({named(ended)}) : la règle de non-substitution n’y est pas "
            "opposée",
            "vérifier la date de fin de ces postes",
        )
    fallen = {line.structure_id for line in lines if line.finding == LOWER}
    if others := sorted(fallen - asking):
        count = plural(len(others), "structure sans candidature", "structures sans candidature")
        yield Notice(
            _FILE,
            0,
            "",
            f"un financement baisse chez {count} ({named(others)}) : leurs postes calculés ne sont "
            "pas écartés",
            "obtenir le maintien de ces financements avant de leur proposer un poste",
        )
    unread = int((~study.funding["annee"].isin([study.year - 1, study.year])).sum())
    if unread:
        yield Notice(
            _FILE,
            0,
            "annee",
            f"{plural(unread, 'montant', 'montants')} d’autres années que {study.year - 1} et "
            f"{study.year} : sans emploi dans ce calcul",
            "rien à faire si ces années sont justes",
        )


def _not_documented(lines: Sequence[FundingLine], year: int) -> Iterator[Notice]:
    for of in (year - 1, year):
        posts = sorted(
            {
                line.poste_id
                for line in lines
                if line.finding == UNKNOWN and (line.before if of < year else line.now) is None
            }
        )
        if posts:
            count = plural(len(posts), "poste", "postes")
            yield Notice(
                _FILE,
                0,
                "annee",
                f"financements de {of} inconnus pour {count} ({named(posts)}) : la règle de "
                "non-substitution n’y est pas vérifiée",
                "à documenter : donner tous les financements de ces postes pour cette année, 0 "
                "compris",
            )


def _silent(study: Study, asking: Collection[str], told: Collection[str]) -> Iterator[Notice]:
    """Say which posts of structures that apply have no amount at all."""
    posts = active_posts(study)
    first = date(study.year, 1, 1)
    silent = [
        structure
        for name, structure, begins in zip(
            *(posts[column].tolist() for column in ("poste_id", "structure_id", "debut")),
            strict=True,
        )
        if structure in asking and name not in told and (begins is None or begins < first)
    ]
    if silent:
        count = plural(len(silent), "poste en place", "postes en place")
        yield Notice(
            _FILE,
            0,
            "",
            f"non-substitution non vérifiée pour {count} chez des structures qui demandent "
            f"({named(sorted(set(silent)))}) : aucun financement n’en est donné",
            f"à documenter : leurs financements de {study.year - 1} et {study.year}, par poste_id",
        )
