"""How each status looks and reads, for every picture: colour, pattern and French label.

Colour never carries the meaning alone: every style has its own pattern, described here once and
drawn by the browser on the map, by SVG in its legend and by QGIS. The palette keeps apart under
the three common colour deficiencies, and what is unknown is grey, never green.
"""

from __future__ import annotations

from dataclasses import dataclass

TILE = 12
"""Side of a pattern's tile, in pixels."""

RISING = "M-3,3L3,-3M0,12L12,0M9,15L15,9"
FALLING = "M-3,9L3,15M0,0L12,12M9,-3L15,3"
CROSSED = "M0,3H12M0,9H12M3,0V12M9,0V12"
DOTTED = "M3,3h.01M9,9h.01"
LINES_CLOSE = "M0,2H12M0,6H12M0,10H12"
LINES_APART = "M0,3H12M0,9H12"
LINES_RARE = "M0,6H12"


@dataclass(frozen=True)
class Stroke:
    """One drawing of a pattern's tile, as an SVG path."""

    path: str
    colour: str
    width: float


@dataclass(frozen=True)
class Style:
    """One line of the legend.

    Attributes
    ----------
    status
        Value of `statut`.
    nuance
        What tells apart the styles of one status: `gravite`, or `partiel` for a need known in
        part; else empty.
    label
        In French, as the legend prints it.
    short
        The same in two or three words.
    mixed_colour
        Of the wide stripes laid over it on a commune that is `mixte`.
    """

    key: str
    status: str
    nuance: str
    label: str
    short: str
    fill: str
    strokes: tuple[Stroke, ...] = ()
    mixed_colour: str = "#1d2733"


STYLES = (
    Style(
        "non_couverte",
        "non_couverte",
        "",
        "non couverte : aucun périmètre de facilitateur en vigueur",
        "non couverte",
        "#a3123a",
        (Stroke(CROSSED, "#d98ba0", 1),),
        mixed_colour="#ffffff",
    ),
    Style(
        "limitrophe",
        "limitrophe",
        "",
        "limitrophe : couverte seulement par extension d’un périmètre voisin",
        "limitrophe",
        "#f5b14c",
        (Stroke(RISING, "#8a4b00", 1.5),),
    ),
    Style(
        "donnee_manquante",
        "donnee_manquante",
        "",
        "donnée manquante : couverte, mais aucun besoin connu",
        "donnée manquante",
        "#a7adb7",
        (Stroke(DOTTED, "#262d37", 2.5),),
    ),
    Style(
        "insuffisante_1",
        "capacite_insuffisante",
        "<1/3",
        "capacité insuffisante : taux de réponse sous 1/3",
        "capacité insuffisante (sous 1/3)",
        "#45278b",
        (Stroke(LINES_CLOSE, "#9d86d1", 1),),
        mixed_colour="#ffffff",
    ),
    Style(
        "insuffisante_2",
        "capacite_insuffisante",
        "<2/3",
        "capacité insuffisante : taux de réponse de 1/3 à moins de 2/3",
        "capacité insuffisante (1/3 à 2/3)",
        "#8c6bc8",
        (Stroke(LINES_APART, "#4b2c8f", 1),),
    ),
    Style(
        "insuffisante_3",
        "capacite_insuffisante",
        "<1",
        "capacité insuffisante : taux de réponse d’au moins 2/3, sous le seuil",
        "capacité insuffisante (2/3 et plus)",
        "#cbb9ec",
        (Stroke(LINES_RARE, "#5b3aa6", 1),),
    ),
    Style(
        "couverte_en_partie",
        "couverte",
        "partiel",
        "capacité suffisante au mieux pour le besoin connu ; une partie du besoin est inconnue",
        "suffisante pour le besoin connu",
        "#ffffff",
        (Stroke(DOTTED, "#2f7d5b", 3),),
    ),
    Style(
        "couverte",
        "couverte",
        "",
        "capacité suffisante au mieux, sous les hypothèses affichées",
        "capacité suffisante au mieux",
        "#c9edda",
    ),
)
"""Every style, in the order of the legend; the page refers to them by rank."""

HOLE = Style(
    "lacune",
    "",
    "",
    "hors commune : lacune du fond de carte",
    "hors commune",
    "#f1f1f1",
    (Stroke(FALLING, "#6f6f6f", 1), Stroke(RISING, "#6f6f6f", 1)),
)

MIXED_LABEL = "rayures larges en plus : commune mixte, une autre situation y tient une part"

_RANKS = {(style.status, style.nuance): rank for rank, style in enumerate(STYLES)}


def style_rank(status: str, gravite: str = "", *, unknown: bool = False) -> int:
    """Return the rank in `STYLES` of a status, the mildest shade when gravity is not given.

    Parameters
    ----------
    unknown
        Whether some class of need is unknown there: what suffices is then never plain green.

    Raises
    ------
    KeyError
        When the status is not one of the method's: nothing is ever drawn in a default colour.
    """
    if status == "couverte":
        return _RANKS[status, "partiel" if unknown else ""]
    if status != "capacite_insuffisante":
        return _RANKS[status, ""]
    return _RANKS[status, gravite or "<1"]


def mixed(style: Style) -> Style:
    """Return the style of a commune of this status of which another status holds a part."""
    stripes = Stroke(FALLING, style.mixed_colour, 3)
    return Style(
        f"{style.key}_mixte",
        style.status,
        style.nuance,
        style.label,
        style.short,
        style.fill,
        (*style.strokes, stripes),
    )
