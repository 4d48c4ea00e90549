"""The one figure of a claim to verify first: the one whose least error would turn it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from coverage.dossiers.model import FAILED, Figure
from coverage.dossiers.verdicts.balance import TEN_THOUSANDTHS
from coverage.dossiers.verdicts.margins import need_to_turn, spare_to_turn
from coverage.parameters import CLASSES
from coverage.wording import CLASS_NAMES, THIN, listing, percent, plural, whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from coverage.dossiers.model import Claim, ClaimTest, Objection
    from coverage.dossiers.verdicts.balance import Balance


@dataclass(frozen=True)
class Margin:
    """A figure and how far it stands from turning the claim.

    Attributes
    ----------
    change
        Least relative change that turns the claim, > 0; 0 where one decision does.
    why
        In French.
    """

    change: Fraction
    figure: Figure
    why: str


def first_to_verify(
    claim: Claim,
    tests: Sequence[ClaimTest],
    objections: Sequence[Objection],
    balance: Balance,
    turned: int | None,
) -> tuple[Figure, str]:
    """Return the figure whose least relative change would turn a claim, and why.

    Turning: hours that are missing would be no more, or hours would be missing where none is.
    Equals go to the first of perimeters to confirm, productivity, need, spare hours.

    Parameters
    ----------
    turned
        Of `productivity_to_turn`.
    """
    if not claim.white_communes:
        return _no_white(claim)
    margins = list(_margins(claim, objections, balance, turned))
    best = min(margins, key=lambda margin: margin.change, default=None)
    if best is not None and (best.change < 1 or not balance.left()):
        return best.figure, best.why
    failed = next((test for test in tests if test.outcome == FAILED and test.figures), None)
    if failed is not None:
        return failed.figures[0], failed.sentence
    why = "Aucun autre chiffre ne retournerait la conclusion à moins de changer du tout au tout."
    return _need(claim), why


def unknown_figure(claim: Claim) -> tuple[Figure, str]:
    """Return the need itself, when nothing is known of it."""
    every = {class_ for place in claim.places for class_ in place.unknown}
    names = listing(CLASS_NAMES[class_] for class_ in CLASSES if class_ in every)
    count = plural(sum(bool(place.unknown) for place in claim.places), "commune", "communes")
    what = f" ({names})" if names else ""
    return (
        Figure("besoin du périmètre", None, "h", "aucune source de l’étude"),
        f"Besoin inconnu{THIN}: à documenter{what}, dans {count}.",
    )


def _no_white(claim: Claim) -> tuple[Figure, str]:
    return (
        Figure("part du périmètre en zone blanche", claim.white_area, "part", "zones de l’étude"),
        f"Aucune commune n’est en zone blanche retenue{THIN}: vérifier le périmètre demandé, puis "
        "les périmètres et les besoins déposés dans l’étude.",
    )


def _margins(
    claim: Claim, objections: Sequence[Objection], balance: Balance, turned: int | None
) -> Iterator[Margin]:
    """Yield every figure that could turn a claim, with its margin."""
    for each in objections:
        if each.kind == "perimetre_a_confirmer" and each.share == 1:
            yield Margin(
                Fraction(0),
                Figure("heures en périmètre à confirmer", each.hours, "h", "périmètres"),
                "Il suffirait de confirmer ces périmètres pour que plus rien ne manque.",
            )
    missing = balance.left() > 0
    then = "plus rien n’y manquerait" if missing else "des heures y manqueraient"
    for found in (_productivity(balance, turned), _need_margin(claim, balance), _spare(balance)):
        if found is not None:
            change, figure, turn = found
            yield Margin(change, figure, f"{turn}, {then}, tout le reste étant égal.")


def _productivity(balance: Balance, turned: int | None) -> tuple[Fraction, Figure, str] | None:
    if turned is None:
        return None
    # Where nothing is missing, hours begin to be just under the least productivity that suffices.
    at = turned if turned > balance.hourly else turned - 1
    if not at:
        return None
    today = balance.hourly
    change = abs(Fraction(at, today) - 1)
    figure = Figure(
        "heures accompagnées par ETP et par an",
        today,
        "h/ETP",
        "paramètre heures_par_etp de l’étude",
    )
    sign = "+" if at > today else "−"
    return (
        change,
        figure,
        f"À {whole(at)} h par ETP au lieu de {whole(today)} ({sign}{percent(change)})",
    )


def _need_margin(claim: Claim, balance: Balance) -> tuple[Fraction, Figure, str] | None:
    step = need_to_turn(balance)
    if step is None:
        return None
    change = Fraction(step, TEN_THOUSANDTHS)
    more = "de moins" if balance.left() else "de plus"
    return change, _need(claim), f"Avec {percent(change)} de besoin {more}"


def _spare(balance: Balance) -> tuple[Fraction, Figure, str] | None:
    hours = sum(each.spare_hours for each in balance.lenders)
    step = spare_to_turn(balance) if hours else None
    if step is None:
        return None
    change = Fraction(step, TEN_THOUSANDTHS)
    more = "plus" if balance.left() else "moins"
    figure = Figure("heures de reste des structures voisines", hours, "h", "postes et périmètres")
    turn = f"Avec {percent(change)} d’heures de reste en {more} chez les structures voisines"
    return change, figure, turn


def _need(claim: Claim) -> Figure:
    return Figure("besoin connu du périmètre", claim.need_hours, "h", "besoins de l’étude")
