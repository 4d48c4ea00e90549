"""The answer of a what-if, described for the OpenAPI description."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

_STATUS = "position dans les statuts, du pire au meilleur"


class TrialCommunes(BaseModel):
    """Les communes qui changent, en colonnes."""

    rang: list[int] = Field(description="ligne de la commune dans « valeurs »", examples=[[0]])
    statut: list[int] = Field(description=_STATUS, examples=[[4]])
    mixte: list[int] = Field(examples=[[0]])
    gravite: list[int] = Field(description="position dans les gravités", examples=[[0]])
    taux: list[float | None] = Field(description="arrondi vers le bas", examples=[[1.25]])
    taux_etat: list[float | None] = Field(examples=[[None]])
    deficit_h: list[int | None] = Field(
        description="null où aucun besoin n’est connu", examples=[[0]]
    )
    zone: list[str] = Field(examples=[["84-couverte-01001"]])


class TrialParts(BaseModel):
    """Les parties de communes coupées qui changent, en colonnes."""

    rang: list[int] = Field(description="ligne dans « parties »", examples=[[0]])
    statut: list[int] = Field(description=_STATUS, examples=[[4]])


class TrialZones(BaseModel):
    """Toutes les zones après les modifications, en colonnes."""

    id: list[str] = Field(examples=[["84-couverte-01001"]])
    statut: list[int] = Field(description=_STATUS, examples=[[4]])
    region: list[str] = Field(examples=[["84"]])
    communes: list[int] = Field(description="nombre de communes", examples=[[3]])
    population: list[int] = Field(examples=[[3000]])
    besoin_h: list[int] = Field(examples=[[18000]])
    deficit_h: list[int] = Field(examples=[[0]])
    taux: list[float | None] = Field(examples=[[1.25]])
    etp_manquants: list[float] = Field(examples=[[0.0]])
    retenue: list[int] = Field(examples=[[0]])


class TrialTotals(BaseModel):
    """Les chiffres des régions montrées, noms de « resume.json »."""

    avant: dict[str, Any]
    apres: dict[str, Any]


class TrialAnswer(BaseModel):
    """Ce que les modifications changent ; l’étude elle-même ne change jamais."""

    communes: TrialCommunes
    parties: TrialParts
    zones: TrialZones
    totaux: TrialTotals
