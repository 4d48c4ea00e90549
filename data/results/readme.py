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


def readme_text(origin: Mapping[str, Any], *, excel: bool) -> str:
    r"""Return the text, for any editor: byte order mark, `\\r\\n`.

    Parameters
    ----------
    origin
        As `data.results.provenance.provenance` gives it.
    excel
        Whether the CSV files beside are those of `--excel`.
    """
    title = f"{origin['etude']} ({origin['annee']})"
    fictional = ["", "EXEMPLE FICTIF : ne décrit aucune situation réelle."] * origin["fictif"]
    names = max(map(len, ABOUT))
    lines = [
        "RÉSULTATS : COUVERTURE DES CLAUSES SOCIALES",
        "",
        title,
        *fictional,
        "",
        f"Calculés par {origin['programme']} {origin['version']}, code officiel géographique "
        f"{origin['millesime_cog']}.",
        "",
        "FICHIERS",
        *(f"  {name:<{names}}  {about}" for name, about in ABOUT.items()),
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
        "Paramètres et empreintes des fichiers lus : resume.json.",
    ]
    return "\ufeff" + "\r\n".join("\n".join(lines).split("\n")) + "\r\n"
