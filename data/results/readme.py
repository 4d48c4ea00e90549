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
_HEADINGS = {
    "resume.json": _RESULTS,
    "plan.json": _PROPOSALS,
    "scenarios.json": _COMPARISON,
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
        The files beside: `ABOUT`, `ABOUT_PROPOSALS` or `ABOUT_COMPARISON`.
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
