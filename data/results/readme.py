"""`LISEZMOI.txt`: what each result file is, and the attribution that CSV cannot carry."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_WIDTH = 90

README_FILE = "LISEZMOI.txt"
ABOUT = {
    "carte.html": "carte interactive, qui s’ouvre dans un navigateur, sans réseau",
    "zones.geojson": "zones : contours, chiffres, certificats, motif",
    "communes.csv": "une ligne par commune : couverture, besoin, taux, statut",
    "certificats.json": "preuves d’insuffisance, à recompter",
    "regions.csv": "une ligne par région : facilitateurs, besoins, zones",
    "anomalies.csv": "ce qui n’a pu être placé, compté ou cru",
    "besoins.parquet": "d’où viennent les heures : chaque contribution, commune par commune",
    "annees.csv": "besoin, réponse et statut de chaque commune, année par année",
    "charges.csv": "le travail des postes de chaque structure, année par année",
    "a_documenter.csv": "où le besoin d’une classe de donneurs d’ordre reste inconnu",
    "marches_ecartes.csv": "les marchés qui n’ont pas donné d’heures, et pourquoi",
    "etude.gpkg": "toutes les couches, avec leurs styles, pour QGIS",
    "resume.json": "totaux, paramètres, provenance, avertissements",
}
"""Result file → what it holds, in the order they are read."""

ABOUT_PROPOSALS = {
    "synthese.html": "synthèse nationale, qui s’ouvre dans un navigateur, sans réseau",
    "carte_avant_apres.html": "carte interactive : les communes sans et avec les postes proposés",
    "propositions.csv": "les postes classés, chacun avec sa justification",
    "propositions.geojson": "les mêmes, avec le contour de leur périmètre",
    "propositions_ecartees.csv": "les options écartées : règle enfreinte et remède",
    "plan.json": "plan exact : objectifs atteints, bornes, écarts, règles, provenance",
    "budget.csv": "l’argent du plan exact, par poste et par année",
    "coordinateurs.csv": "les régions sans coordinateur, classées",
    "avis.csv": "les avis déposés : en vigueur ou non, options concernées, effet",
    "financements.csv": "ce que chaque financeur apporte à chaque poste, d’une année à l’autre",
    "avant_apres.csv": "une ligne par commune : aujourd’hui, avec la liste, avec le plan exact",
    "certificats.json": "preuves d’insuffisance que les justifications citent",
    "certificats_liste.json": "celles qui restent avec les postes que la liste finance",
    "certificats_plan.json": "celles qui restent avec les postes du plan exact",
}
"""The same for proposals (`zones-blanches proposer`)."""

ABOUT_COMPARISON = {
    "comparaison.html": "ce que change chaque scénario, chiffres et postes côte à côte",
    "carte_scenarios.html": "carte interactive : les communes dans chaque scénario",
    "comparaison.csv": "une ligne par chiffre : valeur et écart de chaque scénario",
    "comparaison_postes.csv": "une ligne par option : rang, financement, plan de chaque scénario",
    "comparaison_communes.csv": "une ligne par commune : sa situation dans chaque scénario",
    "scenarios.json": "ce que change chaque scénario, écarts, provenance",
}
"""The same for a comparison of scenarios (`zones-blanches comparer`)."""

ABOUT_DOSSIER = {
    "fiche.pdf": "fiche de deux pages, balisée : verdict, carte, épreuves, objection, proportion",
    "fiche.docx": "la même, modifiable",
    "carte.svg": "carte du périmètre demandé (facilitateur)",
    "carte_coordinateur.svg": "carte du périmètre demandé (coordinateur)",
    "constats.csv": "une ligne par constat : niveau, règle de l’appel, remède",
    "communes.csv": "une ligne par commune demandée : qui la couvre, besoin, part en zone blanche",
    "dossier.json": "tout le dossier, pour un programme ; paramètres, provenance",
}
"""The same for the dossier of an application (`zones-blanches dossier`)."""

ABOUT_FOLLOWUP = {
    "suivi.csv": "ce qui est à regarder, convention par convention : règle, remède",
    "conventions.csv": "une ligne par convention : dates, recrutement, rang, avance et solde",
    "versements.csv": "une ligne par versement : année, avance ou solde",
    "resultats_par_etp.csv": "chaque indicateur des rapports, l’objectif, la moyenne régionale",
    "recouvrements.csv": "territoires demandés deux fois, ou demandés sur un poste accordé",
    "annexes.zip": "une annexe à compléter par convention, modifiable (DOCX)",
    "suivi.json": "date du suivi, comptes, paramètres, provenance",
}
"""The same for what follows an award (`zones-blanches suivi`)."""

ABOUT_CHANGES = {
    "changements.csv": "une ligne par commune dont la classe a changé, avec la cause",
    "changements_zones.csv": "une ligne par zone qui apparaît, disparaît ou change",
    "changements.json": "les deux études, ce qui diffère, comptes, provenance",
}
"""The same for the changes since another study (`zones-blanches changements`)."""

_RESULTS = ("RÉSULTATS : COUVERTURE DES CLAUSES SOCIALES",)

_PROPOSALS = (
    "PROPOSITIONS DE POSTES : COUVERTURE DES CLAUSES SOCIALES",
    "",
    "Proposition calculée, sans valeur de décision.",
)
_COMPARISON = (
    "COMPARAISON DE SCÉNARIOS : COUVERTURE DES CLAUSES SOCIALES",
    "",
    "Proposition calculée, sans valeur de décision.",
)
_DOSSIER = (
    "DOSSIER DE CANDIDATURE : COUVERTURE DES CLAUSES SOCIALES",
    "",
    "Proposition calculée, sans valeur de décision.",
)
_FOLLOWUP = ("SUIVI DES CONVENTIONS : COUVERTURE DES CLAUSES SOCIALES",)
_CHANGES = ("CE QUI A CHANGÉ DEPUIS UNE AUTRE ÉTUDE : COUVERTURE DES CLAUSES SOCIALES",)
_HEADINGS = {
    "resume.json": _RESULTS,
    "plan.json": _PROPOSALS,
    "scenarios.json": _COMPARISON,
    "dossier.json": _DOSSIER,
    "suivi.json": _FOLLOWUP,
    "changements.json": _CHANGES,
}
"""File that holds the parameters → what opens the text beside it."""

_PLAIN_CSV = (
    "Les CSV sont en UTF-8, séparés par des virgules, avec un point décimal ; l’option --excel "
    "les écrit pour un tableur en français."
)
_EXCEL_CSV = (
    "Les CSV sont écrits pour un tableur en français : point-virgule et virgule décimale. Une "
    "apostrophe précède les textes que le tableur prendrait pour une formule."
)
_CODES = (
    "Ouvert d’un double clic, un CSV perd les zéros de tête de ses codes (01004 devient 1004) : "
    "dans le tableur, passez par l’import de données et mettez les colonnes de codes au format "
    "Texte. Le GeoPackage garde les codes intacts."
)


def readme_text(origin: Mapping[str, Any], *, excel: bool, about: Mapping[str, str] = ABOUT) -> str:
    r"""Return the text, for any editor: byte order mark, `\\r\\n`.

    Parameters
    ----------
    origin
        As `data.results.provenance.provenance` gives it.
    excel
        Whether the CSV files beside are those of `--excel`.
    about
        The files beside: `ABOUT`, `ABOUT_PROPOSALS`, `ABOUT_COMPARISON` or `ABOUT_DOSSIER`.
    """
    proof = next(name for name in _HEADINGS if name in about)
    heading = _HEADINGS[proof]
    title = f"{origin['etude']} ({origin['annee']})"
    fictional = ["", "EXEMPLE FICTIF : ne décrit aucune situation réelle."] * origin["fictif"]
    names = max(map(len, about))
    lines = [
        *heading,
        "",
        title,
        *fictional,
        "",
        f"Calculés par {origin['programme']} {origin['version']}, code officiel géographique "
        f"{origin['millesime_cog']}.",
        "",
        "FICHIERS",
        *(f"  {name:<{names}}  {text}" for name, text in about.items()),
        "",
        fill(_EXCEL_CSV if excel else _PLAIN_CSV, _WIDTH),
        fill(_CODES, _WIDTH),
        "",
        "SOURCES ET LICENCES (à citer dans toute réutilisation)",
        *(
            fill(
                f"{s['name']}. {s['publisher']}, millésime {s['vintage']}, {s['licence']}.",
                _WIDTH,
                initial_indent="  - ",
                subsequent_indent="    ",
            )
            for s in origin["sources"]
        ),
        "",
        f"Paramètres et empreintes des fichiers lus : {proof}.",
    ]
    return "\ufeff" + "\r\n".join("\n".join(lines).split("\n")) + "\r\n"
