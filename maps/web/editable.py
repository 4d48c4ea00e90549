"""What a what-if may change, as its form needs it: posts, perimeters, parameters."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from coverage.model import NATURES
from coverage.parameters import CLASSES, definitions
from coverage.trials.edits import PARAMETERS
from coverage.wording import CLASS_NAMES
from maps.drawn import NATURE_NAMES
from maps.parameter_lines import LABELS, STATE_LABELS

if TYPE_CHECKING:
    from coverage.model import Study
    from geo.territory import Territory
    from maps.scope import Scope


LEVELS = {
    "commune": "commune",
    "epci": "EPCI",
    "ept": "EPT",
    "arrondissement": "arrondissement",
    "departement": "département",
    "region": "région",
}


def editable(scope: Scope) -> dict[str, Any]:
    """Return the rows of a study that its map may change, numbered as in the study.

    `poste` and `perimetre` are positions in `Study.posts` and `Study.perimeters`; `etp` and
    `valeur` are exact decimal texts, or a fraction where no decimal is exact.
    """
    study = scope.coverage.study
    return {
        "postes": _posts(study),
        "perimetres": _perimeters(study, scope.coverage.territory),
        "parametres": _parameters(study),
        "natures": {name: NATURE_NAMES[name] for name in NATURES},
        "niveaux": LEVELS,
        "donneurs_ordre": {name: CLASS_NAMES[name] for name in CLASSES},
    }


def exact_text(value: Fraction) -> str:
    """Return a number as a decimal text when one is exact, else as a fraction.

    >>> exact_text(Fraction(5, 4)), exact_text(Fraction(1)), exact_text(Fraction(2, 3))
    ('1.25', '1', '2/3')
    """
    for places in range(10):
        scaled = value * 10**places
        if scaled.denominator == 1:
            digits = f"{scaled.numerator:0{places + 1}d}"
            return f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return f"{value.numerator}/{value.denominator}"


def _posts(study: Study) -> list[dict[str, Any]]:
    columns = ("poste_id", "structure_id", "volet", "etp", "donneurs_ordre", "debut", "fin")
    rows = zip(*(study.posts[name] for name in columns), strict=True)
    return [
        {
            "poste": row,
            "poste_id": poste_id,
            "structure_id": structure,
            "volet": volet,
            "etp": exact_text(etp),
            "donneurs_ordre": list(classes),
            "debut": debut.isoformat() if debut else None,
            "fin": fin.isoformat() if fin else None,
        }
        for row, (poste_id, structure, volet, etp, classes, debut, fin) in enumerate(rows)
    ]


def _perimeters(study: Study, territory: Territory) -> list[dict[str, Any]]:
    columns = ("structure_id", "volet", "nature", "niveau", "code", "etat")
    rows = zip(*(study.perimeters[name] for name in columns), strict=True)
    return [
        {
            "perimetre": row,
            "structure_id": structure,
            "volet": volet,
            "nature": nature,
            "niveau": level,
            "code": code,
            "nom": territory.names[level].get(code, code),
            "etat": STATE_LABELS.get(state, state),
            "compte": state in study.parameters.etats_perimetres,
        }
        for row, (structure, volet, nature, level, code, state) in enumerate(rows)
    ]


def _parameters(study: Study) -> list[dict[str, Any]]:
    known = definitions()
    return [
        {
            "nom": name,
            "libelle": LABELS[name],
            "unite": known[name].unit,
            "genre": known[name].kind,
            "valeur": exact_text(Fraction(getattr(study.parameters, name))),
            "minimum": exact_text(known[name].low),
            "maximum": exact_text(known[name].high),
        }
        for name in PARAMETERS
    ]
