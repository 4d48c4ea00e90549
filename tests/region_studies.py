"""Two small régional studies of the toy territory, to be joined, and what is read of the result."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from toy import toy_territory, write_study

from data.consolidate.join import Asked, Consolidation, consolidate

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from data.consolidate.model import Told

TOY = toy_territory()
PERSON = "Camille Exemple"

ALPES: dict[str, str] = {
    "etude.toml": (
        'format_version = 1\n[etude]\nnom = "Alpes 2023"\nannee = 2023\nregions = ["84"]\n'
        '[methode]\nseuil_reponse = "2/3"\n[appel]\nbudget_eur = 5400000\n'
    ),
    "structures.csv": (
        "structure_id,nom,siret,statut_juridique,heures_par_etp,lon,lat\n"
        "plie,PLIE des Alpes,35600000000048,association,32000,5.35,45.95\n"
        "reseau,Réseau,,gip,,,\n"
    ),
    "postes.csv": (
        "poste_id,structure_id,volet,etp,financement\n"
        "P1,plie,facilitateur,1,aap_2022\n,reseau,facilitateur,0.5,socle\n"
    ),
    "perimetres.csv": (
        "structure_id,nature,niveau,code\n"
        "plie,principal,commune,01004\nreseau,principal,commune,01033\n"
    ),
    "besoins.csv": "commune,donneur_ordre,heures\n01004,etat,40000\n01033,prives,9000.5\n",
    "exhaustivite.csv": "donneur_ordre,source\nhopitaux,\n",
    "services_etat.csv": (
        "service_id,nom,commune,accompagne,structure_id\nS1,Préfecture,01004,oui,plie\n"
    ),
    "financements.csv": (
        "poste_id,financeur,type,annee,montant_eur\nP1,Département,collectivite,2023,13400.50\n"
    ),
    "avis.csv": (
        "structure_id,zone_id,option_id,instance,date,avis,motif\n"
        "plie,,,dreets,2023-05-12,favorable,\n"
        ",84-non_couverte-01033,,copil,2023-05-13,reserve,à revoir\n"
        ",,cand-demande-f,copil,2023-05-14,favorable,\n"
        ",,conv-2022-P1,copil,2023-05-14,favorable,\n"
    ),
}
PARIS: dict[str, str] = {
    "etude.toml": (
        'format_version = 1\n[etude]\nnom = "Paris 2023"\nannee = 2023\nregions = ["11"]\n'
        '[methode]\nseuil_reponse = "2/3"\n[appel]\nbudget_eur = 5400000\n'
    ),
    "structures.csv": (
        "structure_id,nom,siret,statut_juridique,heures_par_etp,lon,lat\n"
        "plie,PLIE de Paris,,association,,,\n"
    ),
    "postes.csv": "poste_id,structure_id,volet,etp\nP1,plie,facilitateur,2\n",
    "perimetres.csv": "structure_id,nature,niveau,code\nplie,principal,commune,75056\n",
    "besoins.csv": "commune,donneur_ordre,heures\n75101,etat,1000\n93066,etat,0\n",
    "exhaustivite.csv": "donneur_ordre,source,region\nprives,,11\n",
    "services_etat.csv": (
        "service_id,nom,commune,accompagne,structure_id\nS1,Rectorat,75101,inconnu,plie\n"
    ),
}


def application(
    structure: str = "plie", code: str = "01033", *, etp: str = "0.5", name: str = "Demandeuse"
) -> str:
    """A whole application of a facilitator's post on one commune."""
    return f"""\
# structure_id = "plie" dans un commentaire
[porteur]
nom = "{name}"
structure_id = "{structure}"  # notre identifiant
statut_juridique = "association"
responsable = "{PERSON}"
presentation = \"\"\"
structure_id = "plie"
\"\"\"

[demande]
etp_facilitateur = {etp}
motif_etp = "zone_blanche"

[perimetre.facilitateur]
codes = [{{ niveau = "commune", code = "{code}" }}]

[budget]
montant_facilitateur = 10000
"""


def without_person(text: str) -> str:
    """An application as a consolidation keeps it."""
    return text.replace(f'responsable = "{PERSON}"\n', "")


def folder(path: Path, files: Mapping[str, str | bytes], *, also: Mapping[str, str] = {}) -> Path:
    """Write a study, its folders included."""
    for name in {**files, **also}:
        (path / name).parent.mkdir(parents=True, exist_ok=True)
    return write_study(path, {**files, **also})


def joined(out: Path, *folders: Path, name: str = "", method: Path | None = None) -> Consolidation:
    """Join studies into a folder."""
    return consolidate(folders, out, TOY, Asked(name, method))


def table(path: Path) -> list[dict[str, str]]:
    """The rows of a table that a consolidation wrote."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def contents(path: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {
        file.relative_to(path).as_posix(): file.read_bytes()
        for file in sorted(path.rglob("*"))
        if file.is_file()
    }


def told(made: Consolidation, nature: str, about: str = "") -> list[Told]:
    """The lines of a nature, about a table."""
    return [line for line in made.told if line.nature == nature and about in ("", line.table)]
