"""The tables of a study folder, declared once (formats, “Study folder”).

The reader, the JSON Schemas and the templates are all made from these declarations.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from coverage.model import NATURES, VOLETS
from coverage.parameters import CLASSES, ETATS
from geo.territory import NIVEAUX

EXAMPLE = "# EXEMPLE FICTIF : "
"""How the first cell of a template's example row begins: the reader takes it for a comment."""

FORMAT_VERSION = 1
"""Version of the study format that this program reads."""

Kind = Literal[
    "identifier",
    "text",
    "label",
    "enum",
    "classes",
    "siret",
    "whole",
    "decimal",
    "etp",
    "date",
    "code",
]
"""What a cell holds; `cells` has one parser a kind. A `label` is a text in lower case."""

STATUTS = (
    "association",
    "collectivite",
    "epci_ept",
    "epa_local",
    "epa_etat",
    "gip",
    "reseau_emploi",
    "autre",
)
"""Legal statuses of a structure."""

PROGRAMMES = ("npnru", "grand_paris_express", "canal_seine_nord", "jop", "bassin_minier", "autre")
"""Programmes known by name."""

OUI_NON = ("oui", "non")


@dataclass(frozen=True)
class Column:
    """What one column of a table holds.

    Attributes
    ----------
    description, example
        For the templates and the schemas, in French.
    required
        Whether the column must exist and no cell of it may be empty.
    choices
        Accepted values of kinds `enum` and `classes`; of a `label`, those known, others go.
    default
        Value of an empty cell, among `choices`; empty when there is none.
    low, high
        Accepted range of kinds `whole`, `decimal` and `etp`, both ends included (but `etp` must
        exceed `low`).
    """

    name: str
    kind: Kind
    description: str
    example: str
    required: bool = False
    choices: tuple[str, ...] = ()
    default: str = ""
    low: int = 0
    high: int = 0


@dataclass(frozen=True)
class Table:
    """One table of the study folder.

    Attributes
    ----------
    rows_are
        What one row stands for, in French, singular (“une structure”).
    required
        Whether a study cannot be read without it.
    """

    name: str
    description: str
    rows_are: str
    required: bool
    columns: tuple[Column, ...]

    @property
    def example(self) -> dict[str, str]:
        """Cells of a fictional row for templates; its first cell makes it a comment."""
        cells = {column.name: column.example for column in self.columns}
        first = self.columns[0].name
        return cells | {first: f"{EXAMPLE}{cells[first]}"}

    @property
    def file(self) -> str:
        """Name of the CSV file in the study folder."""
        return f"{self.name}.csv"

    def column(self, name: str) -> Column:
        """Return the column of that name.

        Raises
        ------
        KeyError
            When the table has no such column.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


_STRUCTURE_ID = Column(
    "structure_id",
    "identifier",
    "Identifiant de la structure, celui de la table structures.",
    "plie-nord",
    required=True,
)
_CLASS = Column(
    "donneur_ordre",
    "enum",
    "Classe du donneur d’ordre.",
    "collectivites",
    required=True,
    choices=CLASSES,
)

STRUCTURES = Table(
    "structures",
    "Les structures qui portent des postes de facilitateur ou de coordinateur.",
    "une structure",
    required=True,
    columns=(
        Column(
            "structure_id",
            "identifier",
            "Identifiant de la structure, unique, repris dans les autres tables ; "
            "sans barre verticale ni retour à la ligne.",
            "plie-nord",
            required=True,
        ),
        Column("nom", "text", "Nom de la structure.", "PLIE du Nord", required=True),
        Column(
            "siret",
            "siret",
            "Numéro SIRET, 14 chiffres vérifiés par leur clé.",
            "35600000000048",
        ),
        Column("statut_juridique", "enum", "Statut juridique.", "association", choices=STATUTS),
        Column(
            "deja_porteuse_facilitateur",
            "enum",
            "La structure porte-t-elle déjà un poste de facilitateur ? "
            "Vide : déduit de la table postes.",
            "oui",
            choices=OUI_NON,
        ),
        Column(
            "deja_porteuse_coordinateur",
            "enum",
            "La structure porte-t-elle déjà un poste de coordinateur ? "
            "Vide : déduit de la table postes.",
            "non",
            choices=OUI_NON,
        ),
        Column(
            "heures_par_etp",
            "whole",
            "Heures d’insertion accompagnées par ETP et par an, d’après les résultats de la "
            "structure ; remplace le paramètre général.",
            "32000",
            low=1,
            high=200_000,
        ),
        Column("lon", "decimal", "Longitude, en degrés (WGS84).", "3,0573", low=-180, high=180),
        Column("lat", "decimal", "Latitude, en degrés (WGS84).", "50,6292", low=-90, high=90),
    ),
)

POSTES = Table(
    "postes",
    "Les postes, un par ligne (ou un groupe de postes semblables) ; deux lignes identiques sont "
    "deux postes.",
    "un poste",
    required=True,
    columns=(
        Column("poste_id", "identifier", "Identifiant du poste, unique s’il est donné.", "P-001"),
        _STRUCTURE_ID,
        Column("volet", "enum", "Volet du poste.", "facilitateur", required=True, choices=VOLETS),
        Column(
            "etp",
            "etp",
            "Équivalents temps plein, plus de 0 et au plus 50.",
            "0,5",
            required=True,
            high=50,
        ),
        Column(
            "donneurs_ordre",
            "classes",
            "Classes de donneurs d’ordre servies, jointes par une barre verticale ; vide : toutes.",
            "etat|collectivites",
            choices=CLASSES,
        ),
        Column(
            "financement",
            "label",
            "Origine du financement ; l’appel de 2023 s’écrit aap_2023.",
            "socle",
            choices=("socle", "aap_2022", "aap_2023"),
        ),
        Column("debut", "date", "Premier jour du poste, inclus.", "01/07/2023"),
        Column("fin", "date", "Dernier jour du poste, inclus.", "30/06/2024"),
    ),
)

PERIMETRES = Table(
    "perimetres",
    "Les périmètres d’intervention, une ligne par code géographique ; les répétitions fusionnent.",
    "un périmètre",
    required=True,
    columns=(
        _STRUCTURE_ID,
        Column(
            "volet",
            "enum",
            "Volet du périmètre.",
            "facilitateur",
            choices=VOLETS,
            default="facilitateur",
        ),
        Column(
            "nature",
            "enum",
            "Périmètre principal, extension (limitrophe) ou extension dotée d’un poste.",
            "principal",
            choices=NATURES,
            default="principal",
        ),
        Column(
            "niveau",
            "enum",
            "Niveau géographique du code.",
            "epci",
            required=True,
            choices=NIVEAUX,
        ),
        Column(
            "code",
            "code",
            "Code du Code officiel géographique, ou SIREN de l’EPCI ou de l’EPT ; saisir en texte.",
            "200093201",
            required=True,
        ),
        Column("etat", "enum", "État du périmètre.", "valide", choices=ETATS, default="valide"),
    ),
)

DESSINS = Table(
    "perimetres",
    "Les périmètres dessinés, un polygone par ligne ; les répétitions fusionnent.",
    "un périmètre dessiné",
    required=False,
    columns=tuple(column for column in PERIMETRES.columns if column.name not in ("niveau", "code")),
)
"""Attributes of drawn perimeters: read from QGIS files, so not one of `TABLES`."""

BESOINS = Table(
    "besoins",
    "Les besoins, en heures d’insertion par an, par commune et classe de donneurs d’ordre ; "
    "l’absence de ligne veut dire « inconnu », 0 veut dire « aucun besoin ».",
    "un besoin",
    required=False,
    columns=(
        Column("commune", "code", "Code de la commune ; saisir en texte.", "59350", required=True),
        _CLASS,
        Column(
            "heures",
            "decimal",
            "Heures d’insertion par an ; 0 quand le besoin est connu et nul.",
            "12500",
            required=True,
            high=50_000_000,
        ),
        Column("annee", "whole", "Année du besoin ; vide : toutes.", "2023", low=2000, high=2099),
        Column(
            "programme",
            "label",
            "Programme d’où vient le besoin.",
            "npnru",
            choices=PROGRAMMES,
        ),
        Column(
            "source",
            "text",
            "D’où vient le chiffre ; deux lignes de même clé ne s’ajoutent que si leurs sources "
            "diffèrent.",
            "profil acheteur",
        ),
    ),
)

EXHAUSTIVITE = Table(
    "exhaustivite",
    "Où une source est complète pour une classe : l’absence de ligne dans besoins y vaut zéro.",
    "une déclaration d’exhaustivité",
    required=False,
    columns=(
        _CLASS,
        Column("source", "text", "Source déclarée complète, comme dans besoins.", "SIAE 2023"),
        Column("region", "code", "Code de la région concernée ; vide : sans limite.", "32"),
        Column("departement", "code", "Code du département concerné ; vide : sans limite.", "59"),
    ),
)

TABLES = (STRUCTURES, POSTES, PERIMETRES, BESOINS, EXHAUSTIVITE)
"""Every table this version reads, in reading order."""
