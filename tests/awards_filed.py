"""A toy study with conventions and reports, and what they come to by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toy import toy_territory

if TYPE_CHECKING:
    from collections.abc import Iterable

TOY = toy_territory()

AWARD_HEAD = (
    "convention_id,structure_id,candidature,volet,etp,poste_id,renouvelle,signature,debut,"
    "mise_en_oeuvre,recrutement,montant_eur\n"
)
REPORT_HEAD = (
    "convention_id,rapport,date,heures,beneficiaires_personnes,beneficiaires_etp,"
    "structures_inclusives,prises_de_contact,marches_accompagnes,partenariats\n"
)

FILES = {
    "etude.toml": 'format_version = 1\n[etude]\nnom = "Essai"\nannee = 2023\nfictif = true\n',
    "structures.csv": "structure_id,nom\nA,Alpha\nB,Bêta\n",
    "postes.csv": (
        "poste_id,structure_id,volet,etp,financement,debut\n"
        "P1,A,facilitateur,0.5,aap_2022,2022-07-01\n"
        "P2,A,facilitateur,1,aap_2023,2023-07-01\n"
        "P3,B,facilitateur,0.5,aap_2022,2022-07-01\n"
    ),
    "perimetres.csv": (
        "structure_id,nature,niveau,code\nA,principal,departement,01\nB,principal,commune,75056\n"
        "B,extension,commune,93066\n"
    ),
    "besoins.csv": "commune,donneur_ordre,heures\n01004,etat,60000\n93066,prives,9000\n",
    "conventions.csv": AWARD_HEAD
    + "C1,A,,facilitateur,0.5,P1,,2022-06-15,2022-07-01,,2022-09-01,15610.25\n"
    "C2,A,,facilitateur,0.5,P1,C1,2023-06-30,2023-07-01,,2022-09-01,15610.25\n"
    "C3,A,,facilitateur,1,P2,,2023-07-01,2023-07-01,2023-09-01,,31220\n"
    "C4,B,,facilitateur,0.5,P3,,,2022-07-01,,2022-07-01,15000.01\n",
    "resultats.csv": REPORT_HEAD + "C1,objectif,2022-07-01,30000,90,18.5,9,40,22,5\n"
    "C1,intermediaire,2023-01-15,14000,40,,4,20,10,2\n"
    "C1,annuel,2023-07-10,31500,84,18.5,,46,22,6\n"
    "C4,annuel,2023-07-10,20000,60,10,5,30,15,3\n"
    "C4,annuel,2024-02-01,1,1,1,1,1,1,1\n",
}
"""C1 is renewed by C2; C3 has nobody; C4 has no objectives, and ended without renewal."""


def conventions(*rows: str) -> dict[str, str]:
    """Return the study with other conventions and no report."""
    return {**FILES, "conventions.csv": AWARD_HEAD + _lines(rows), "resultats.csv": REPORT_HEAD}


def reported(*rows: str) -> dict[str, str]:
    """Return the study with other reports."""
    return {**FILES, "resultats.csv": REPORT_HEAD + _lines(rows)}


def _lines(rows: Iterable[str]) -> str:
    return "".join(f"{row}\n" for row in rows)
