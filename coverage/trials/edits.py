"""Edits that a planner tries on a study, and the study as if it had been filed so."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coverage.model import NATURES
from coverage.parameters import CLASSES, definitions
from coverage.wording import listing, whole
from geo.errors import InputErrors, Notice, UnknownCodeError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coverage.model import Study
    from geo.territory import Territory

ETP_MOST = 50
"""Most ETP of a filed post."""

PARAMETERS = ("seuil_reponse", "seuil_reponse_etat", "seuil_besoin_h", "heures_par_etp")
"""Parameters that a trial may move."""


@dataclass(frozen=True)
class EtpSet:
    """A post of the study has another ETP; 0 puts it out of force.

    Attributes
    ----------
    post
        Position in `study.posts`, from 0.
    """

    post: int
    etp: Fraction


@dataclass(frozen=True)
class PostAdded:
    """A structure of the study has one more facilitator post, the whole year.

    Attributes
    ----------
    donneurs_ordre
        Classes that it serves.
    """

    structure_id: str
    etp: Fraction
    donneurs_ordre: tuple[str, ...] = CLASSES


@dataclass(frozen=True)
class PostRemoved:
    """A post of the study is no more; `post` as in `EtpSet`."""

    post: int


@dataclass(frozen=True)
class PerimeterAdded:
    """A structure of the study declares one more facilitator perimeter, by a code."""

    structure_id: str
    nature: str
    niveau: str
    code: str


@dataclass(frozen=True)
class PerimeterRemoved:
    """A perimeter of the study is no more.

    Attributes
    ----------
    perimeter
        Position in `study.perimeters`, from 0.
    """

    perimeter: int


@dataclass(frozen=True)
class ParameterSet:
    """A parameter of the method, one of `PARAMETERS`, has another value."""

    name: str
    value: int | Fraction


Edit = EtpSet | PostAdded | PostRemoved | PerimeterAdded | PerimeterRemoved | ParameterSet


class EditFault(Notice):
    """What is wrong with one edit; `row` is its number in the list, from 1."""

    @property
    def row_noun(self) -> str:
        """What `row` counts."""
        return "modification"


class EditError(InputErrors):
    """Edits that the study cannot take, all at once."""


def edited_study(study: Study, territory: Territory, edits: Sequence[Edit]) -> Study:
    """Return the study as if it had been filed with the edits, in their order.

    Posts and perimeters are named by their position in the study before any edit; those that an
    edit adds have none. The study itself is left as it is.

    Raises
    ------
    EditError
        When an edit names what the study or the territory does not hold, or a value out of its
        range: all the faults at once.
    """
    draft = _Draft(study, territory)
    for number, edit in enumerate(edits, start=1):
        draft.take(number, edit)
    if draft.faults:
        raise EditError(draft.faults)
    return replace(
        study,
        posts=_changed(study.posts, draft.posts, draft.etp),
        perimeters=_changed(study.perimeters, draft.perimeters),
        parameters=replace(study.parameters, **draft.parameters),
    )


@dataclass
class _Rows:
    """Positions of the filed rows that are removed, and the rows that are added."""

    removed: set[int] = field(default_factory=set)
    added: list[dict[str, object]] = field(default_factory=list)


@dataclass
class _Draft:
    """What a list of edits comes to, and their faults."""

    study: Study
    territory: Territory
    etp: dict[int, Fraction] = field(default_factory=dict)
    posts: _Rows = field(default_factory=_Rows)
    perimeters: _Rows = field(default_factory=_Rows)
    parameters: dict[str, Any] = field(default_factory=dict)
    faults: list[Notice] = field(default_factory=list)

    def take(self, number: int, edit: Edit) -> None:
        """Take one edit, or note what is wrong with it."""
        faults: list[tuple[str, str]] = []
        match edit:
            case EtpSet(post, etp):
                faults = [*self._post_faults(post), *_etp_faults(etp, least=0)]
                self.etp[post] = etp
            case PostAdded(structure_id, etp, classes):
                faults = [*self._structure_faults(structure_id), *_etp_faults(etp)]
                faults += _class_faults(classes)
                self.posts.added.append(_post(structure_id, etp, classes))
            case PostRemoved(post):
                faults = self._post_faults(post)
                self.posts.removed.add(post)
            case PerimeterAdded(structure_id, nature, niveau, code):
                faults = [*self._structure_faults(structure_id), *_nature_faults(nature)]
                faults += self._code_faults(niveau, code)
                self.perimeters.added.append(_perimeter(structure_id, nature, niveau, code))
            case PerimeterRemoved(perimeter):
                count = len(self.study.perimeters)
                faults = _place_faults("périmètre", perimeter, count, self.perimeters.removed)
                self.perimeters.removed.add(perimeter)
            case ParameterSet(name, value):
                faults = _parameter_faults(name, value)
                self.parameters[name] = _exact(name, value)
        self.faults += [
            EditFault("essai", number, "", message, remedy) for message, remedy in faults
        ]

    def _post_faults(self, post: int) -> list[tuple[str, str]]:
        return _place_faults("poste", post, len(self.study.posts), self.posts.removed)

    def _structure_faults(self, structure_id: str) -> list[tuple[str, str]]:
        if structure_id in self.study.structures.index:
            return []
        return [
            (
                f"structure « {structure_id} » inconnue de l’étude",
                "choisir une structure déposée dans « structures »",
            )
        ]

    def _code_faults(self, niveau: str, code: str) -> list[tuple[str, str]]:
        try:
            self.territory.resolve(niveau, code)
        except UnknownCodeError as error:
            return [(str(error), "choisir un code du territoire")]
        return []


def _place_faults(noun: str, place: int, count: int, removed: set[int]) -> list[tuple[str, str]]:
    if not 0 <= place < count:
        return [
            (
                f"{noun} {place} inconnu : l’étude en a {whole(count)}, comptés à partir de 0",
                f"choisir un {noun} de l’étude",
            )
        ]
    if place in removed:
        return [
            (
                f"{noun} {place} déjà retiré par une modification précédente",
                f"ôter l’une des deux modifications de ce {noun}",
            )
        ]
    return []


def _etp_faults(etp: Fraction, *, least: int | None = None) -> list[tuple[str, str]]:
    low = "de 0" if least == 0 else "plus de 0"
    if (etp > 0 or etp == least) and etp <= ETP_MOST:
        return []
    return [(f"{etp} ETP ; attendu : {low} à {ETP_MOST}", "choisir une valeur entre ces bornes")]


def _class_faults(classes: Sequence[str]) -> list[tuple[str, str]]:
    unknown = sorted(set(classes) - set(CLASSES))
    if unknown:
        return [
            (
                f"donneurs d’ordre inconnus : {listing(f'« {name} »' for name in unknown)}",
                f"choisir parmi {listing(CLASSES)}",
            )
        ]
    if not classes:
        return [("le poste ne dessert aucun donneur d’ordre", f"choisir parmi {listing(CLASSES)}")]
    return []


def _nature_faults(nature: str) -> list[tuple[str, str]]:
    if nature in NATURES:
        return []
    return [(f"nature « {nature} » inconnue", f"choisir parmi {listing(NATURES)}")]


def _parameter_faults(name: str, value: int | Fraction) -> list[tuple[str, str]]:
    if name not in PARAMETERS:
        return [
            (
                f"paramètre « {name} » qu’un essai ne change pas",
                f"choisir parmi {listing(PARAMETERS)}",
            )
        ]
    known = definitions()[name]
    if known.kind == "int" and Fraction(value).denominator != 1:
        return [(f"« {name} » = {value} n’est pas un nombre entier", "arrondir à l’entier")]
    if not known.low <= value <= known.high:
        return [
            (
                f"« {name} » = {value} hors de {known.low} à {known.high} ({known.unit})",
                "choisir une valeur entre ces bornes, comprises",
            )
        ]
    return []


def _exact(name: str, value: int | Fraction) -> int | Fraction:
    whole_number = name in PARAMETERS and definitions()[name].kind == "int"
    return int(value) if whole_number else Fraction(value)


def _changed(
    table: pd.DataFrame, rows: _Rows, etp: Mapping[int, Fraction] | None = None
) -> pd.DataFrame:
    """Return a table without some rows, with others at its end, and with other ETP."""
    changed = table
    if etp:
        values = table["etp"].tolist()
        for place, value in etp.items():
            values[place] = Fraction(value)
        changed = table.assign(etp=pd.Series(values, index=table.index, dtype=object))
    if rows.removed:
        kept = np.ones(len(table), dtype=bool)
        kept[list(rows.removed)] = False
        changed = changed[kept]
    if rows.added:
        columns = {
            name: pd.Series([row[name] for row in rows.added], dtype=table[name].dtype)
            for name in table.columns.astype(str)
        }
        changed = pd.concat([changed, pd.DataFrame(columns)])
    return changed.reset_index(drop=True) if rows.removed or rows.added else changed


def _post(structure_id: str, etp: Fraction, classes: Sequence[str]) -> dict[str, object]:
    return {
        "poste_id": "",
        "structure_id": structure_id,
        "volet": "facilitateur",
        "etp": Fraction(etp),
        "donneurs_ordre": tuple(name for name in CLASSES if name in classes),
        "financement": "socle",
        "debut": None,
        "fin": None,
        "row": 0,
    }


def _perimeter(structure_id: str, nature: str, niveau: str, code: str) -> dict[str, object]:
    return {
        "structure_id": structure_id,
        "volet": "facilitateur",
        "nature": nature,
        "niveau": niveau,
        "code": code,
        "etat": "valide",
        "row": 0,
    }
