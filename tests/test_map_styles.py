"""Words and colours of the map: no flattering rate, no meaning carried by colour alone."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from maps.numbers import percent, rate_text
from maps.parts import styles_of
from maps.statuses import STYLES, mixed, pattern, style_rank

if TYPE_CHECKING:
    from numpy.typing import NDArray


@pytest.mark.parametrize(
    ("rate", "text"),
    [
        (Fraction(1), "100\u202f%"),
        (Fraction(99_999, 100_000), "99,9\u202f%"),
        (Fraction(7, 8), "87,5\u202f%"),
        (Fraction(0), "0\u202f%"),
        (Fraction(1, 100_000), "moins de 0,1\u202f%"),
    ],
)
def test_percent_never_flatters(rate: Fraction, text: str) -> None:
    assert percent(rate) == text


def test_no_rate_is_no_figure() -> None:
    assert rate_text(None, need_known=True) == "sans objet (aucun besoin)"
    assert rate_text(None, need_known=False) == "inconnu"


def test_unknown_status_is_refused() -> None:
    with pytest.raises(KeyError):
        style_rank("inconnue")


def test_patterns_are_all_different() -> None:
    drawn = [str(pattern(style)["strokes"]) for style in STYLES]
    drawn += [str(pattern(mixed(style))["strokes"]) for style in STYLES]
    assert len(set(drawn)) == len(drawn)


def test_unknown_is_grey() -> None:
    colour = STYLES[style_rank("donnee_manquante")].fill
    channels = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    assert max(channels) - min(channels) < 20


DEFICIENCIES = {
    "none": np.eye(3),
    "protanopia": np.array(
        [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]]
    ),
    "deuteranopia": np.array(
        [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]]
    ),
    "tritanopia": np.array(
        [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]]
    ),
}
"""Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB."""


@pytest.mark.parametrize("name", DEFICIENCIES)
def test_colours_stay_apart_for_every_eye(name: str) -> None:
    seen = [_lab(DEFICIENCIES[name], style.fill) for style in STYLES]
    gaps = [float(np.linalg.norm(a - b)) for a, b in itertools.combinations(seen, 2)]
    assert min(gaps) > 10


def _lab(deficiency: NDArray[np.float64], colour: str) -> NDArray[np.float64]:
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    xyz = to_xyz @ np.clip(deficiency @ linear, 0, 1) / np.array([0.9505, 1, 1.089])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    lab: NDArray[np.float64] = np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])
    return lab


def test_what_is_unknown_in_part_is_never_plain_green() -> None:
    plain, partial = STYLES[style_rank("couverte")], STYLES[style_rank("couverte", unknown=True)]
    assert partial.strokes
    assert partial.fill != plain.fill
    frame = pd.DataFrame(
        {"statut": ["couverte"] * 2, "gravite": [""] * 2, "classes_inconnues": [(), ("etat",)]}
    )
    assert [STYLES[rank] for rank in styles_of(frame)] == [plain, partial]
