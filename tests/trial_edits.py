"""Edits of a study picked by anyone who chooses: Hypothesis, or a seeded generator."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from coverage.model import NATURES
from coverage.parameters import CLASSES, STATE_CLASSES
from coverage.trials.edits import (
    EtpSet,
    ParameterSet,
    PerimeterAdded,
    PerimeterRemoved,
    PostAdded,
    PostRemoved,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from coverage.model import Study
    from coverage.trials.edits import Edit

    Choose = Callable[[Sequence[Any]], Any]

KINDS = (
    *(EtpSet, EtpSet, EtpSet, PostAdded, PostRemoved),
    *(PerimeterAdded, PerimeterAdded, PerimeterRemoved, ParameterSet),
)
ETP = tuple(Fraction(text) for text in ("0", "1/100", "1/3", "1/2", "1", "5/4", "3"))
SCOPES = (CLASSES, STATE_CLASSES, ("etat",), ("bailleurs", "prives"))
VALUES: dict[str, tuple[int | Fraction, ...]] = {
    "seuil_reponse": (Fraction(1), Fraction(2, 3), Fraction(1, 100)),
    "seuil_reponse_etat": (Fraction(1), Fraction(7, 8), Fraction(1, 3)),
    "seuil_besoin_h": (0, 1607, 35_000),
    "heures_par_etp": (25_000, 30_000, 35_000, 44_999),
}


def some_edits(
    choose: Choose, study: Study, held: Sequence[tuple[str, str]], most: int = 4
) -> list[Edit]:
    """Return up to `most` edits that the study can take.

    Parameters
    ----------
    held
        Levels and codes of the perimeters that may be added.
    """
    posts, perimeters = list(range(len(study.posts))), list(range(len(study.perimeters)))
    edits: list[Edit] = []
    for _ in range(choose(range(1, most + 1))):
        kind = choose(KINDS)
        structure = str(choose(study.structures.index.tolist()))
        if kind is EtpSet and posts:
            edits.append(EtpSet(choose(posts), choose(ETP)))
        elif kind is PostAdded:
            edits.append(PostAdded(structure, choose(ETP[1:]), choose(SCOPES)))
        elif kind is PostRemoved and posts:
            edits.append(PostRemoved(posts.pop(choose(range(len(posts))))))
        elif kind is PerimeterAdded:
            edits.append(PerimeterAdded(structure, choose(NATURES), *choose(held)))
        elif kind is PerimeterRemoved and perimeters:
            gone = perimeters.pop(choose(range(len(perimeters))))
            edits.append(PerimeterRemoved(gone))
        else:
            name = choose(list(VALUES))
            edits.append(ParameterSet(name, choose(VALUES[name])))
    return edits
