"""How the communes of a claim touch: pieces, islands told apart."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from coverage.dossiers.ground.holdings import pieces_of
from coverage.wording import THIN, percent, plural, whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coverage.dossiers.bench import Bench
    from coverage.dossiers.model import Claim


@dataclass(frozen=True)
class Joined:
    """How the communes of a claim touch.

    Attributes
    ----------
    pieces
        Sets that shared borders join.
    lands
        Lands (islands, mainland) that they are on: no claim has fewer pieces.
    main
        Part of the inhabitants that the largest piece of each land holds.
    with_own
        Pieces once the applicant's principal perimeter is added.
    bare
        Communes without contour.
    """

    pieces: int
    lands: int
    main: Fraction
    with_own: int
    bare: int

    @property
    def whole(self) -> bool:
        """Whether it is of one piece, islands told apart."""
        return self.pieces == self.lands


def join(claim: Claim, structure_id: str, bench: Bench) -> Joined:
    """Return how the communes of a claim touch, alone and with the applicant's perimeter."""
    holdings, people = bench.holdings, bench.coverage.territory.population
    placed = tuple(unit for unit in claim.units if holdings.land[unit] >= 0)
    pieces = pieces_of(placed, holdings.beside)
    # Without any inhabitant known, communes are counted.
    weights = people if people[list(placed)].any() else people * 0 + 1
    sizes = [(int(holdings.land[piece[0]]), int(weights[list(piece)].sum())) for piece in pieces]
    largest = {land: max(size for own, size in sizes if own == land) for land, _ in sizes}
    total = sum(size for _, size in sizes)
    own = {unit for unit in holdings.principal.get(structure_id, ()) if holdings.land[unit] >= 0}
    around = pieces_of(tuple(own.union(placed)), holdings.beside)
    return Joined(
        pieces=len(pieces),
        lands=len(largest),
        main=Fraction(sum(largest.values()), total) if total else Fraction(1),
        with_own=sum(not set(placed).isdisjoint(piece) for piece in around),
        bare=len(claim.places) - len(placed),
    )


def land_doubts(joined: Joined) -> Iterator[str]:
    """Yield, in a few French words, what makes an area doubtful."""
    if not joined.whole:
        yield f"{joined.pieces} ensembles séparés"
    if joined.bare:
        yield "des communes sans contour"


def land_reasons(claim: Claim, joined: Joined) -> Iterator[str]:
    """Yield, in French, how the communes of a claim touch."""
    count = len(claim.places)
    if joined.whole and joined.lands == 1 and count > 1 and not joined.bare:
        yield f"Les {whole(count)} communes demandées se touchent{THIN}: un seul ensemble."
    elif joined.whole and joined.lands > 1:
        yield f"Les communes demandées forment {joined.pieces} ensembles que seule la mer sépare."
    elif not joined.whole:
        yield (
            f"Les communes demandées forment {joined.pieces} ensembles séparés ; le principal a "
            f"{percent(joined.main)} de leurs habitants."
        )
        if joined.with_own == joined.lands:
            yield "Avec le périmètre principal actuel du porteur, ils n’en font qu’un."
    if joined.bare:
        bare = plural(joined.bare, "commune n’a pas", "communes n’ont pas")
        yield f"{bare} de contour{THIN}: leur continuité n’a pas été vérifiée."
