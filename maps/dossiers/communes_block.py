"""The communes claimed, as the sheet tells them: the most wanting first, the others summed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coverage.parameters import CLASSES, STATE_CLASSES
from coverage.wording import THIN, percent, plural, whole
from maps.dossiers.blocks import NUMBER, TEXT, Paragraph, Table, name
from maps.numbers import UNKNOWN
from maps.statuses import STYLES, style_rank

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coverage.dossiers.bench import Bench
    from coverage.dossiers.model import Claim, ClaimPlace
    from maps.dossiers.blocks import Block, Limits

TO_DOCUMENT = "non couvert, besoin inconnu : à documenter"
STATE = frozenset(STATE_CLASSES)
_BARE = frozenset({"non_couverte", "limitrophe"})
_NATURES = {"extension": " (extension)", "extension_dotee": " (extension dotée)"}
_COLUMNS = (
    ("Commune", TEXT, 13),
    ("Situation aujourd’hui", TEXT, 15),
    ("En zone blanche", NUMBER, 8),
    ("Besoin connu", NUMBER, 8),
    ("dont État", NUMBER, 7),
    ("Manque", NUMBER, 7),
    ("Couverte aujourd’hui par", TEXT, 16),
)
_LACK = (
    "Besoin et manque sont en heures par an ; le manque compte les heures sans réponse, et celles "
    "que seule sert une extension sans poste propre."
)


def commune_blocks(claim: Claim, scope: Sequence[str], bench: Bench, limits: Limits) -> list[Block]:
    """Return the table of the communes claimed, and what must be said of it.

    Parameters
    ----------
    scope
        Classes of buyers claimed, all of them when empty.
    """
    classes = frozenset(scope or CLASSES)
    ordered = sorted(claim.places, key=lambda place: (-_wanting(place), place.unit))
    shown, others = ordered[: limits.communes], ordered[limits.communes :]
    rows = [_row(place, classes, bench) for place in shown]
    if others:
        label = plural(len(others), "autre commune", "autres communes")
        rows.append(_sum(label, others, classes))
    total = len(claim.places) > 1
    if total:
        rows.append(_sum(f"Ensemble{THIN}: {_count(claim.places)}", claim.places, classes))
    table = Table(
        _COLUMNS,
        tuple(rows),
        "Communes demandées, celles où il manque le plus d’heures d’abord, puis les autres et "
        "l’ensemble.",
        total=total,
    )
    return [_shares(claim, bench), table, *_notes(claim, classes)]


def _wanting(place: ClaimPlace) -> int:
    return place.unserved_hours + place.lent_hours


def _count(places: Sequence[ClaimPlace]) -> str:
    return plural(len(places), "commune", "communes")


def _row(place: ClaimPlace, classes: frozenset[str], bench: Bench) -> tuple[str, ...]:
    unit = bench.coverage.territory.units.iloc[place.unit]
    names = bench.coverage.study.structures["nom"]
    holders = [f"{names.get(who, who)}{_NATURES.get(nature, '')}" for who, nature in place.holders]
    known, state = _known(place, classes), _known(place, classes & STATE)
    return (
        name(f"{unit['name']} ({unit.name})"),
        _situation(place, bench),
        percent(place.white),
        _hours(place.need_hours, known),
        _hours(place.state_hours, state),
        _hours(_wanting(place), known),
        name(_holders(holders)),
    )


def _holders(names: Sequence[str]) -> str:
    if not names:
        return "personne"
    more = len(names) - 1
    return f"{names[0]} et {plural(more, 'autre', 'autres')}" if more else names[0]


def _known(place: ClaimPlace, classes: frozenset[str]) -> str:
    """Return what is known of the need of some classes: `tout`, `partie` or `rien`."""
    unknown = classes.intersection(place.unknown)
    if not unknown:
        return "tout"
    return "rien" if unknown == classes else "partie"


def _hours(hours: int, known: str) -> str:
    """Write hours; what is known in part has an asterisk, what is unknown is never 0."""
    if known == "rien" and not hours:
        return UNKNOWN
    return whole(hours) if known == "tout" else f"{whole(hours)}{THIN}*"


def _situation(place: ClaimPlace, bench: Bench) -> str:
    """Return the situation in the words of the legend, an unknown need never told as sufficient."""
    if place.statut in _BARE and place.pending:
        return TO_DOCUMENT
    row = bench.coverage.communes.loc[bench.coverage.territory.codes[place.unit]]
    gravity = row["gravite"] if isinstance(row["gravite"], str) else ""
    style = STYLES[style_rank(place.statut, gravity, unknown=bool(row["classes_inconnues"]))]
    mixed = ", en partie autre" if len([part for part in place.shares.values() if part]) > 1 else ""
    return f"{style.short}{mixed}"


def _sum(label: str, places: Sequence[ClaimPlace], classes: frozenset[str]) -> tuple[str, ...]:
    known, state = _all_known(places, classes), _all_known(places, classes & STATE)
    white = sum(bool(place.white) for place in places)
    covered = sum(bool(place.holders) for place in places)
    return (
        label,
        "–",
        f"{whole(white)} sur {whole(len(places))}",
        _hours(sum(place.need_hours for place in places), known),
        _hours(sum(place.state_hours for place in places), state),
        _hours(sum(_wanting(place) for place in places), known),
        f"couvertes{THIN}: {whole(covered)} sur {whole(len(places))}",
    )


def _all_known(places: Sequence[ClaimPlace], classes: frozenset[str]) -> str:
    found = {_known(place, classes) for place in places}
    return found.pop() if len(found) == 1 else "partie"


def _shares(claim: Claim, bench: Bench) -> Paragraph:
    """Say how much of the claim is truly zone blanche, by each measure."""
    people = np.asarray(bench.coverage.territory.units["population"])[list(claim.units)]
    known = people[people >= 0]
    need = claim.need_hours
    parts = [
        "surface " + (UNKNOWN if claim.white_area is None else percent(claim.white_area)),
        "habitants "
        + (UNKNOWN if claim.white_population is None else percent(claim.white_population))
        + (f" de {whole(int(known.sum()))}" if len(known) == len(people) else ""),
        f"besoin connu {whole(claim.white_hours)} h sur {whole(need)} h"
        if need
        else "besoin connu nul ou inconnu",
        f"communes {whole(claim.white_communes)} sur {whole(len(claim.places))}, en tout ou partie",
    ]
    return Paragraph(
        f"{', '.join(parts)}.", lead=f"Part de la demande qui est en zone blanche{THIN}:"
    )


def _notes(claim: Claim, classes: frozenset[str]) -> list[Block]:
    unknown = [place for place in claim.places if place.unknown]
    nothing = sum(_known(place, classes) == "rien" for place in claim.places)
    sentences = [_LACK.replace(" ;", f"{THIN};")]
    if unknown:
        whole_lot = f" (dont {whole(nothing)} entièrement)" if nothing else ""
        sentences.append(
            f"* Besoin inconnu, pour une partie au moins des acheteurs demandés, dans "
            f"{_count(unknown)}{whole_lot}{THIN}: les heures écrites sont celles qui sont connues."
        )
    own = sum(place.own for place in claim.places)
    if own:
        noun = plural(own, "commune est déjà", "communes sont déjà")
        sentences.append(f"{noun} dans le périmètre principal du porteur.")
    if claim.outside:
        noun = plural(len(claim.outside), "commune est", "communes sont")
        sentences.append(f"{noun} hors de la région du porteur ou de l’étude.")
    return [Paragraph(sentence) for sentence in sentences]
