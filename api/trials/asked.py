"""The modifications of a what-if, as they are asked: their form, their bounds, examples."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from coverage.parameters import CLASSES
from coverage.trials.edits import (
    Edit,
    EtpSet,
    ParameterSet,
    PerimeterAdded,
    PerimeterRemoved,
    PostAdded,
    PostRemoved,
)

Row = Annotated[int, Field(ge=0, le=10_000_000, strict=True)]
Identifier = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=16)]
Number = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{1,9}([.,][0-9]{1,12}|/[1-9][0-9]{0,11})?$", max_length=24),
]
"""An exact number as text: `1.5`, `1,5` or `2/3`."""

Buyer = Literal["etat", "operateurs_etat", "hopitaux", "collectivites", "bailleurs", "prives"]
Nature = Literal["principal", "extension", "extension_dotee"]
Level = Literal["commune", "epci", "ept", "arrondissement", "departement", "region"]
ParameterName = Literal["seuil_reponse", "seuil_reponse_etat", "seuil_besoin_h", "heures_par_etp"]

MOST = 200
"""Modifications that one what-if may hold."""


def exact(text: str) -> Fraction:
    """Return a number written as decimal or fraction, exactly.

    >>> exact("1,5"), exact("2/3")
    (Fraction(3, 2), Fraction(2, 3))
    """
    return Fraction(text.replace(",", "."))


class _Modification(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SetEtp(_Modification):
    """Changer l’ETP d’un poste."""

    action: Literal["etp"]
    poste: Row = Field(description="ligne du poste dans l’étude, à partir de 0", examples=[0])
    etp: Number = Field(description="nouvel ETP, de 0 à 50", examples=["1.5"])

    def edit(self) -> Edit:
        """Return the edit that the model takes."""
        return EtpSet(self.poste, exact(self.etp))


class AddPost(_Modification):
    """Ajouter un poste de facilitateur à une structure de l’étude."""

    action: Literal["ajout_poste"]
    structure_id: Identifier = Field(examples=["A"])
    etp: Number = Field(description="ETP, plus grand que 0, au plus 50", examples=["0.5"])
    donneurs_ordre: list[Buyer] | None = Field(
        None, min_length=1, max_length=6, description="classes servies ; toutes par défaut"
    )

    def edit(self) -> Edit:
        """Return the edit that the model takes."""
        return PostAdded(self.structure_id, exact(self.etp), tuple(self.donneurs_ordre or CLASSES))


class RemovePost(_Modification):
    """Retirer un poste."""

    action: Literal["retrait_poste"]
    poste: Row = Field(description="ligne du poste dans l’étude, à partir de 0", examples=[1])

    def edit(self) -> Edit:
        """Return the edit that the model takes."""
        return PostRemoved(self.poste)


class AddPerimeter(_Modification):
    """Ajouter un périmètre de facilitateur, par son code."""

    action: Literal["ajout_perimetre"]
    structure_id: Identifier = Field(examples=["A"])
    nature: Nature = Field(examples=["principal"])
    niveau: Level = Field(examples=["commune"])
    code: Code = Field(description="code officiel géographique", examples=["02001"])

    def edit(self) -> Edit:
        """Return the edit that the model takes."""
        return PerimeterAdded(self.structure_id, self.nature, self.niveau, self.code)


class RemovePerimeter(_Modification):
    """Retirer une ligne de périmètre."""

    action: Literal["retrait_perimetre"]
    perimetre: Row = Field(
        description="ligne du périmètre dans l’étude, à partir de 0", examples=[0]
    )

    def edit(self) -> Edit:
        """Return the edit that the model takes."""
        return PerimeterRemoved(self.perimetre)


class SetParameter(_Modification):
    """Changer un paramètre de la méthode."""

    action: Literal["parametre"]
    nom: ParameterName = Field(examples=["seuil_reponse"])
    valeur: Number = Field(description="dans les bornes du paramètre", examples=["0.8"])

    def edit(self) -> Edit:
        """Return the edit that the model takes."""
        return ParameterSet(self.nom, exact(self.valeur))


Modification = Annotated[
    SetEtp | AddPost | RemovePost | AddPerimeter | RemovePerimeter | SetParameter,
    Field(discriminator="action"),
]


class Trial(BaseModel):
    """Toutes les modifications de l’essai, à chaque demande : le serveur n’en retient rien."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "modifications": [
                    {"action": "etp", "poste": 0, "etp": "1.5"},
                    {"action": "parametre", "nom": "seuil_reponse", "valeur": "0.8"},
                ]
            }
        },
    )

    modifications: list[Modification] = Field(max_length=MOST)

    def edits(self) -> list[Edit]:
        """Return the edits, in their order."""
        return [asked.edit() for asked in self.modifications]
