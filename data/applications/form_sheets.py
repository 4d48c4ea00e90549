"""How a workbook lays out the form: a sheet a part of it, a box a line, and a sheet a list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coverage.model import VOLETS
from data.applications.form import FORM, Field
from data.applications.form_labels import LABELS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ANSWER = "Réponse"
HEADERS = ("Case du formulaire", ANSWER, "Aide", "Clé (ne pas modifier)")
"""Of a sheet of boxes."""

GOES_ON = " (suite)"
"""After the name of a box whose text goes on in another line."""

VOLET = "Volet"
"""Header of the column that says which volet a line is of."""


@dataclass(frozen=True)
class ListSheet:
    """A list of the form, a line an item.

    Attributes
    ----------
    keys
        Dotted key of the list by volet; by the empty text when a column says no volet.
    columns
        Header → name of the box.
    """

    name: str
    keys: Mapping[str, str]
    columns: Mapping[str, str]

    @property
    def headers(self) -> tuple[str, ...]:
        """Headers of its columns, the volet's first when it has one."""
        return (*((VOLET,) if "" not in self.keys else ()), *self.columns)

    def field(self, header: str) -> Field:
        """Return what a column holds."""
        if header not in self.columns:
            return Field("choice", choices=VOLETS)
        return BOXES[f"{next(iter(self.keys.values()))}.{self.columns[header]}"]

    def help(self, header: str) -> str:
        """Return what helps to fill a column."""
        if header not in self.columns:
            return "facilitateur ou coordinateur."
        return LABELS[f"{next(iter(self.keys.values()))}.{self.columns[header]}"].help


BOX_SHEETS = {
    "porteur": "Porteur",
    "groupement": "Groupement",
    "etat_des_lieux": "État des lieux",
    "demande": "Demande",
    "convention_2022": "Convention 2022",
    "strategie": "Stratégie",
    "objectifs": "Objectifs",
    "budget": "Budget",
    "pieces": "Pièces",
}
"""Table of the form → its sheet; `perimetre` has lists alone."""

_PLACES = {"Niveau": "niveau", "Code": "code", "Nature": "nature"}
_BUYERS = {"Donneur d’ordre": "donneur_ordre", "Nature": "nature"}
_FUNDERS = {
    "Nom du cofinanceur": "nom",
    "Type": "type",
    "Montant en euros": "montant",
    "Volet cofinancé": "volet",
    "Attestation jointe": "attestation",
}

LIST_SHEETS = (
    ListSheet(
        "Membres du groupement",
        {"": "groupement.membres"},
        {"Nom du partenaire": "nom", "Statut juridique": "statut"},
    ),
    ListSheet("Territoires", {v: f"perimetre.{v}.codes" for v in VOLETS}, _PLACES),
    ListSheet("Donneurs d’ordre", {v: f"perimetre.{v}.donneurs_ordre" for v in VOLETS}, _BUYERS),
    ListSheet("Cofinanceurs", {"": "budget.cofinanceurs"}, _FUNDERS),
)


def _boxes(keys: Mapping[str, Field], at: str = "") -> Iterator[tuple[str, Field]]:
    for name, field in keys.items():
        if field.keys:
            yield from _boxes(field.keys, f"{at}{name}.")
        else:
            yield f"{at}{name}", field


BOXES = dict(_boxes(FORM))
"""Dotted key, without the numbers of lists → its box."""


def boxes_of(table: str) -> list[str]:
    """Return the boxes of a sheet: those of a table of the form that no list holds."""
    lists = tuple(f"{key}." for sheet in LIST_SHEETS for key in sheet.keys.values())
    return [key for key in BOXES if key.startswith(f"{table}.") and not key.startswith(lists)]
