"""What the map can show of a commune: themes, their classes, how each class looks and reads.

The browser sorts communes into these classes; bounds and words stand here alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from coverage.palette import DOTTED, LINES_RARE, RISING, STYLES, Stroke, Style, mixed
from coverage.parameters import CLASSES, STATE_CLASSES
from coverage.wording import THIN, whole
from maps.statuses import pattern

if TYPE_CHECKING:
    from collections.abc import Sequence

_STATUS = {style.key: style for style in STYLES}
_ALL = (1 << len(CLASSES)) - 1
_STATE = sum(1 << CLASSES.index(name) for name in STATE_CLASSES)

RATE_BOUNDS = (0.333, 0.666)
"""In thousandths, as rates are written: rounded down, so that no class is a guess."""

HOUR_BOUNDS = (1, 500, 1_607, 5_000, 20_000)
"""Lower bounds of the classes of hours; 1,607 h is one person's legal working year."""

MAX_STRUCTURES = 4
"""From this number on, structures are counted together."""

_BLUES = ("#ffffff", "#e3eef6", "#b4d2e7", "#74acd0", "#3079ae", "#0b3c6f")
_BROWNS = ("#ffffff", "#fdebd0", "#f9c48c", "#ee8f4a", "#c4541c", "#7a2605")
_STEPS = ("#dfe8f2", "#a9c6e3", "#6497c8", "#235f9c")

UNKNOWN = Style(
    "inconnu", "", "", "inconnu", "inconnu", "#b3b9c2", (Stroke(RISING, "#4b5563", 1.5),)
)
NO_NEED = Style(
    "sans_besoin",
    "",
    "",
    "sans objet : aucun besoin",
    "sans objet (aucun besoin)",
    "#f6f6f3",
    (Stroke(LINES_RARE, "#8c939d", 0.8),),
)
OUTSIDE = Style("hors_etude", "", "", "hors de ce que l’étude montre", "hors de l’étude", "#fbfbf9")


@dataclass(frozen=True)
class Theme:
    """One way to colour communes.

    Attributes
    ----------
    kind
        How the browser sorts: `statut`, `taux`, `heures` or `structures`.
    column
        Of the values' communes.
    mask
        Classes of need, as bits, that must be known for an absence to mean none.
    bounds
        Between classes, for `heures` and `taux`.
    classes
        In the order of the legend; their keys are what the browser sorts into.
    """

    key: str
    label: str
    kind: str
    column: str
    classes: tuple[Style, ...]
    bounds: tuple[float, ...] = ()
    mask: int = _ALL

    def content(self) -> dict[str, Any]:
        """Return the theme as the browser reads it."""
        return {
            "cle": self.key,
            "titre": self.label,
            "genre": self.kind,
            "colonne": self.column,
            "bornes": list(self.bounds),
            "masque": self.mask,
            "classes": [
                {
                    "cle": style.key,
                    "statut": style.status,
                    "nuance": style.nuance,
                    "texte": style.short,
                    "plein": pattern(style),
                    "mixte": pattern(mixed(style)),
                }
                for style in self.classes
            ],
        }


def _named(style: Style, key: str, label: str) -> Style:
    return replace(style, key=key, status="", nuance="", label=label, short=label)


def _rate_classes() -> tuple[Style, ...]:
    nothing = Style(
        *("zero", "", "", f"0{THIN}%", f"0{THIN}%", "#22093f"),
        (Stroke("M0,3H12M0,9H12M3,0V12M9,0V12", "#8f7cc0", 0.8),),
    )
    return (
        nothing,
        _named(_STATUS["insuffisante_1"], "bas", f"moins de 33,3{THIN}%"),
        _named(_STATUS["insuffisante_2"], "moyen", f"de 33,3{THIN}% à moins de 66,6{THIN}%"),
        _named(_STATUS["insuffisante_3"], "haut", f"de 66,6{THIN}% à moins de 100{THIN}%"),
        _named(
            _STATUS["couverte_en_partie"],
            "entier_connu",
            f"100{THIN}% du besoin connu ; une partie est inconnue",
        ),
        _named(_STATUS["couverte"], "entier", f"100{THIN}% au mieux"),
        NO_NEED,
        UNKNOWN,
    )


def _hour_classes(colours: Sequence[str]) -> tuple[Style, ...]:
    labels = ["0 h"]
    for low, high in pairwise(HOUR_BOUNDS):
        labels.append(f"de {whole(low)} à {whole(high - 1)} h")
    labels.append(f"{whole(HOUR_BOUNDS[-1])} h et plus")
    steps = [
        Style(f"h{rank}", "", "", label, label, colour)
        for rank, (label, colour) in enumerate(zip(labels, colours, strict=True))
    ]
    words = "0 h connue ; une partie du besoin est inconnue"
    partly = Style("h0_connu", "", "", words, words, "#ffffff", (Stroke(DOTTED, "#6b7280", 2),))
    return (steps[0], partly, *steps[1:], UNKNOWN)


def _structure_classes() -> tuple[Style, ...]:
    labels = ["1 structure", "2 structures", "3 structures", f"{MAX_STRUCTURES} et plus"]
    steps = (
        Style(f"s{rank}", "", "", label, label, colour)
        for rank, (label, colour) in enumerate(zip(labels, _STEPS, strict=True), start=1)
    )
    return (_named(_STATUS["non_couverte"], "s0", "aucune structure"), *steps)


THEMES = (
    Theme("statut", "Situation", "statut", "statut", STYLES),
    Theme("taux", "Taux de réponse", "taux", "taux", _rate_classes(), RATE_BOUNDS),
    Theme(
        *("taux_etat", "Taux de réponse État", "taux", "taux_etat", _rate_classes()),
        *(RATE_BOUNDS, _STATE),
    ),
    Theme(
        "besoin", "Besoin (heures par an)", "heures", "besoin_h", _hour_classes(_BLUES), HOUR_BOUNDS
    ),
    Theme(
        *("deficit", "Déficit (heures par an)", "heures", "deficit_h"),
        *(_hour_classes(_BROWNS), HOUR_BOUNDS),
    ),
    Theme(
        *("structures", "Recouvrement des périmètres", "structures", "structures"),
        _structure_classes(),
    ),
)
"""In the order of the selector; the first is shown first."""
