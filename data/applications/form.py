"""The form of an application: every key that a file may hold, and what each accepts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from coverage.model import NATURES, VOLETS
from coverage.proposals.application import GIVEN, MISSING, NOT_CONCERNED, PIECES
from coverage.proposals.model import FUNDERS, GROUNDS
from data.study.tables import STATUTS
from geo.territory import NIVEAUX

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal[
    "text",
    "identifier",
    "choice",
    "siret",
    "date",
    "flag",
    "hundredths",
    "cents",
    "number",
    "table",
    "tables",
]
"""What a value is: `hundredths` of ETP and `cents` are whole, `number` any number ≥ 0."""


@dataclass(frozen=True)
class Field:
    """One key.

    Attributes
    ----------
    required
        Whether it is a fault not to give it.
    expected
        Whether the form has a box for it: not to fill it is a warning.
    personal
        Whether it may name a person: only its presence is kept.
    identifying
        Whether it tells who a person is, or how to reach them: what leaves the study folder goes
        without it, so that a file where it is not written lacks nothing.
    keys
        Of a table, or of each table of a list.
    """

    kind: Kind = "text"
    required: bool = False
    expected: bool = False
    personal: bool = False
    identifying: bool = False
    high: int = 10**9
    choices: tuple[str, ...] = ()
    keys: Mapping[str, Field] = field(default_factory=dict)


def _by_volet(name: str, kind: Kind = "text", *, high: int = 10**9) -> dict[str, Field]:
    return {f"{name}_{volet}": Field(kind, high=high) for volet in VOLETS}


_BOX = Field(expected=True)
_PERSONAL = Field(expected=True, personal=True)
_MOST_ETP = 50
_SHOWN_NATURES = tuple(nature for nature in NATURES if nature != "extension_dotee")
_NATURE = Field("choice", choices=_SHOWN_NATURES)
_STATE = Field("choice", required=True, choices=(GIVEN, MISSING, NOT_CONCERNED))

PERIMETER = {
    "codes": Field(
        "tables",
        keys={
            "niveau": Field("choice", required=True, choices=NIVEAUX),
            "code": Field("identifier", required=True),
            "nature": _NATURE,
        },
    ),
    "donneurs_ordre": Field(
        "tables", keys={"donneur_ordre": Field("identifier", required=True), "nature": _NATURE}
    ),
}
"""`donneur_ordre` is a class of buyers, or the SIRET of one."""

INDICATORS = {
    "heures": Field("number"),
    "beneficiaires_personnes": Field("number"),
    "beneficiaires_etp": Field("number"),
    "structures_inclusives": Field("number"),
    "prises_de_contact": Field("number"),
    "marches_accompagnes": Field("number"),
    "partenariats": Field("number"),
}
"""The six indicators by ETP, beneficiaries told in persons and in ETP."""

FORM: Mapping[str, Field] = {
    "porteur": Field(
        "table",
        required=True,
        keys={
            "nom": Field(required=True),
            "structure_id": Field("identifier"),
            "siret": Field("siret", expected=True),
            "statut_juridique": Field("choice", required=True, choices=STATUTS),
            "adresse": _PERSONAL,
            "responsable": Field(expected=True, personal=True, identifying=True),
            "presentation": _PERSONAL,
            "contact": Field(
                "table",
                expected=True,
                identifying=True,
                keys=dict.fromkeys(("nom", "fonction", "mail", "telephone"), _PERSONAL),
            ),
        },
    ),
    "groupement": Field(
        "table",
        keys={
            "mandataire": Field("flag"),
            "membres": Field("tables", keys={"nom": Field(required=True), "statut": Field()}),
            "gouvernance": Field(personal=True),
        },
    ),
    "etat_des_lieux": Field(
        "table",
        keys={
            **_by_volet("etp", "hundredths", high=_MOST_ETP),
            "etp_total": Field("hundredths", high=2 * _MOST_ETP),
            **_by_volet("descriptif"),
            "ecosysteme": _BOX,
            "diagnostic": _BOX,
            **{name: Field() for name in ("renovation_urbaine", "grands_projets", "zone_blanche")},
        },
    ),
    "demande": Field(
        "table",
        required=True,
        keys={
            **_by_volet("etp", "hundredths", high=_MOST_ETP),
            "etp_total": Field("hundredths", high=2 * _MOST_ETP),
            "motif_etp": Field("choice", required=True, choices=GROUNDS),
        },
    ),
    "perimetre": Field(
        "table",
        required=True,
        keys={volet: Field("table", keys=PERIMETER) for volet in VOLETS},
    ),
    "convention_2022": Field(
        "table",
        keys={
            **{
                name: Field("date")
                for name in ("date_mise_en_oeuvre", "debut_conventionnement", "date_recrutement")
            },
            "montant_etp": Field("cents"),
            **INDICATORS,
            "bilan_qualitatif": Field(personal=True),
        },
    ),
    "strategie": Field(
        "table",
        keys={
            **_by_volet("donneurs_ordre"),
            **_by_volet("acteurs_inclusifs"),
            **_by_volet("parcours"),
            "reseau_regional": Field(),
        },
    ),
    "objectifs": Field("table", keys=INDICATORS),
    "budget": Field(
        "table",
        required=True,
        keys={
            **_by_volet("montant", "cents"),
            "montant_total": Field("cents"),
            "cout_etp": Field("cents"),
            "cofinanceurs": Field(
                "tables",
                keys={
                    "nom": Field(required=True),
                    "type": Field(
                        "choice",
                        required=True,
                        choices=tuple(f for f in FUNDERS if f != "etat_aap"),
                    ),
                    "montant": Field("cents", required=True),
                    "volet": Field("choice", choices=VOLETS),
                    "attestation": Field("flag"),
                },
            ),
        },
    ),
    "pieces": Field("table", expected=True, keys=dict.fromkeys(PIECES, _STATE)),
}
"""The tables of `candidatures/*.toml` (formats, “Application”).

Free texts are read for their presence: nothing here computes with them.
"""


def identifying_keys(
    form: Mapping[str, Field] = FORM, at: tuple[str, ...] = ()
) -> frozenset[tuple[str, ...]]:
    """Return the keys that identify a person, each as the names that lead to it.

    >>> sorted(identifying_keys())
    [('porteur', 'contact'), ('porteur', 'responsable')]
    """
    own = {(*at, name) for name, field in form.items() if field.identifying}
    below = [
        identifying_keys(field.keys, (*at, name))
        for name, field in form.items()
        if (*at, name) not in own
    ]
    return frozenset(own.union(*below))


def without_identity(values: Mapping[str, Any], at: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the values of a form without what identifies a person: what may leave.

    >>> without_identity({"porteur": {"nom": "Alpha", "responsable": "Camille Exemple"}})
    {'porteur': {'nom': 'Alpha'}}
    """
    hidden = identifying_keys()
    return {
        name: without_identity(value, (*at, name)) if isinstance(value, dict) else value
        for name, value in values.items()
        if (*at, name) not in hidden
    }
