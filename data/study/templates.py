"""An empty study to fill: headed tables, commented settings, instructions."""

from __future__ import annotations

import secrets
import shutil
from textwrap import fill
from typing import TYPE_CHECKING

from coverage.parameters import Parameters, definitions
from data.calls.read import declared_rules, read_call
from data.reference.vintages import ACCEPTED_VINTAGES
from data.study.award_tables import AWARD_TABLES
from data.study.folder import PUBLIC_FOLDER, README_FILE, WORKBOOK
from data.study.proposal_tables import PROPOSAL_TABLES
from data.study.settings_file import SETTINGS_FILE
from data.study.sources_tables import SOURCE_TABLES
from data.study.tables import FORMAT_VERSION, TABLES
from data.workbooks.writer import column_help, study_workbook
from geo.errors import OutputError

if TYPE_CHECKING:
    from pathlib import Path

    from coverage.parameters import Definition
    from coverage.proposals.model import Rule
    from data.study.tables import Table

_WIDTH = 96
_WORKBOOK_TABLES = (
    f"Remplissez {WORKBOOK} : une feuille par table, une ligne par élément sous les en-têtes. Sa "
    "première feuille dit comment. Pour que chaque structure remplisse sa part, envoyez-lui une "
    "copie vierge de ce classeur, puis joignez les classeurs reçus avec : zones-blanches "
    "collecter DOSSIER FICHIER..."
)
_CSV_TABLES = (
    "Remplissez les tables ci-dessous avec un tableur, une ligne par élément sous les en-têtes, "
    "puis enregistrez-les en « CSV UTF-8 ». Mettez au format Texte les colonnes de codes : le "
    "tableur y garde alors les zéros de tête. Les colonnes facultatives peuvent rester vides ou "
    "être supprimées."
)
_SOURCES = (
    "Ces tables sont pour le planificateur, non pour les structures. Une table laissée vide ne dit "
    "rien : elle peut être supprimée, ou remplacée par le fichier officiel qui la vaut, déposé "
    "tel quel."
)
_PROPOSALS = (
    "Ces tables servent à « proposer ». Vides, elles ne disent rien et peuvent être supprimées. Un "
    "financement absent est inconnu : seul un 0 écrit dit qu’un financeur n’apporte rien."
)
_AWARDS = (
    "Ces tables servent à « suivi ». Vides, elles ne disent rien et peuvent être supprimées. Une "
    "date de recrutement vide veut dire que personne n’est recruté."
)
_OFFICIAL_FILES = {
    "marches.json, marches.parquet, decp.csv": (
        "données essentielles de la commande publique (schémas de 2019 et de 2022, ou fichier "
        "consolidé)"
    ),
    "services_etat.json": "annuaire de l’administration (DILA)",
    "grands_projets.geojson, .gpkg ou .shp": "grands projets dessinés (surfaces, lignes ou points)",
    f"{PUBLIC_FOLDER}/": (
        "dossier à créer, pour les autres fichiers publics (demandeurs d’emploi, quartiers "
        "prioritaires, taux de chômage, revenus, établissements, gares, sites…), reconnus à leurs "
        "colonnes"
    ),
}
"""Files that stand for a table, or come beside → what they are."""


def new_study(folder: Path, *, as_csv: bool = False, complete: bool = False) -> None:
    """Write an empty study in a folder that does not exist or is empty; all of it or nothing.

    Parameters
    ----------
    as_csv
        Whether tables are CSV files, rather than the sheets of one workbook.
    complete
        Whether the tables that needs are built from, and those of proposals, are there too, each
        in its own file.

    Raises
    ------
    OutputError
        When the folder holds something, is not a folder, or cannot be written.
    """
    target = folder.absolute()
    _refuse_occupied(target)
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        draft.mkdir(parents=True)
        for name, content in study_files(as_csv=as_csv, complete=complete).items():
            (draft / name).write_bytes(content)
        if target.exists():
            target.rmdir()
        draft.rename(target)
    except OSError as error:
        raise OutputError(
            f"dossier « {target.name} » impossible à écrire → vérifiez vos droits et le chemin"
        ) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _refuse_occupied(target: Path) -> None:
    if target.exists() and not target.is_dir():
        raise OutputError(f"« {target.name} » est un fichier → choisissez un autre nom de dossier")
    if target.is_dir() and any(target.iterdir()):
        raise OutputError(
            f"dossier « {target.name} » déjà rempli → choisissez un dossier neuf ou vide"
        )


def study_files(*, as_csv: bool = False, complete: bool = False) -> dict[str, bytes]:
    """Return the files of an empty study: name → bytes.

    CSV tables are UTF-8 with BOM and `;`, as spreadsheets set to French open them right. The
    other tables have workbooks of their own: a copy of the study's goes to the structures.
    """
    files = {SETTINGS_FILE: settings_text().encode()}
    readme = readme_text(as_csv=as_csv, complete=complete)
    files[README_FILE] = readme.replace("\n", "\r\n").encode("utf-8-sig")
    others = (*SOURCE_TABLES, *PROPOSAL_TABLES, *AWARD_TABLES) if complete else ()
    if as_csv:
        filed = (*TABLES, *others)
        return files | {table.file: _header(table).encode("utf-8-sig") for table in filed}
    books = {_own_workbook(table): study_workbook(tables=[table]) for table in others}
    return files | {WORKBOOK: study_workbook()} | books


def _own_workbook(table: Table) -> str:
    """Return the name of the workbook that holds one table."""
    return f"{table.name}.xlsx"


def _header(table: Table) -> str:
    return ";".join(column.name for column in table.columns) + "\r\n"


def settings_text() -> str:
    """Return a commented `etude.toml`: every parameter with its default, range and basis."""
    known = " ou ".join(map(str, ACCEPTED_VINTAGES))
    lines = [
        "# Réglages de l’étude. Une ligne qui commence par # est un commentaire :",
        "# retirez le # pour donner une valeur. Les textes vont entre guillemets droits.",
        f"format_version = {FORMAT_VERSION}",
        "",
        "[etude]",
        'nom = ""  # obligatoire, par exemple "Hauts-de-France 2023"',
        "# annee = 2023  # obligatoire",
        '# Codes des régions dont les résultats sont écrits, par exemple ["32"] ; vide : toutes.',
        "regions = []",
        f"# millesime_cog = {ACCEPTED_VINTAGES[0]}  # millésime des codes géographiques : {known}",
        "# derniere_annee = 2025  # suivre aussi les années suivantes, jusqu’à celle-ci",
        "# Prendre les grands projets que le programme connaît, approximatifs, sans leurs heures :",
        "# grands_projets_reference = true",
        "# fictif = true  # l’étude est un exemple ; les résultats le rappellent",
        "",
        "[methode]",
        "# Les valeurs écrites ici sont celles par défaut.",
    ]
    defaults = Parameters()
    for name, definition in definitions().items():
        value = _toml(getattr(defaults, name))
        lines += ["", *_comment(parameter_meaning(definition)), f"# {name} = {value}"]
    return "\n".join([*lines, *_call_lines()]) + "\n"


def _call_lines() -> list[str]:
    """Return the rules of the call, each with its paraphrase, its heading and its value."""
    call = read_call()
    lines = [
        "",
        "[appel]",
        *_comment(f"Règles de l’appel : {call.name}. Les valeurs sont celles de l’appel."),
    ]
    for name, declared in declared_rules().items():
        rule = call.rules[name]
        told = _comment(rule_meaning(rule, switch=declared.switch))
        lines += ["", *told, f"# {name} = {_toml(rule.value)}"]
    return lines


def rule_meaning(rule: Rule, *, switch: bool) -> str:
    """Return what a rule of the call is and what may be written of it, in French.

    Parameters
    ----------
    switch
        Whether it may be switched off.
    """
    told = [f"{rule.text} ({rule.heading}.)"]
    if rule.unit:
        told.append(f"Unité : {rule.unit}.")
    for value, meaning in (rule.readings or {}).items():
        told.append(f"Autre lecture, «\u00a0{value}\u00a0» : {meaning}.")
    if not rule.active:
        told.append("Ne s’applique que si une valeur est donnée.")
    elif switch:
        told.append("«\u00a0false\u00a0» : ne pas l’appliquer.")
    return " ".join(told)


def parameter_meaning(definition: Definition) -> str:
    """Return what may be written of a parameter and where its default comes from, in French."""
    return f"Valeurs : {definition.accepted}. Origine : {definition.basis}."


def _comment(text: str) -> list[str]:
    return fill(text, _WIDTH, initial_indent="# ", subsequent_indent="# ").split("\n")


def _toml(value: object) -> str:
    """Return a parameter as TOML writes it: ratios as texts, pairs as a table."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple) and value and isinstance(value[0], tuple):
        return f"{{ {', '.join(f'{name} = {_toml(own)}' for name, own in value)} }}"
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return f'"{value}"'


def readme_text(*, as_csv: bool = False, complete: bool = False) -> str:
    """Return the instructions: each table and each column, in French."""
    parts = [
        "ÉTUDE DE COUVERTURE DES CLAUSES SOCIALES",
        "",
        fill(_CSV_TABLES if as_csv else _WORKBOOK_TABLES, _WIDTH),
        "",
        "Nombres : « 1 234,5 » ou « 1234.5 ». Dates : « 01/07/2023 » ou « 2023-07-01 ».",
        f"Les réglages sont dans {SETTINGS_FILE}, qui s’ouvre avec un éditeur de texte.",
        "Vérifiez l’étude avec : zones-blanches verifier DOSSIER",
        "Les exemples sont fictifs : ils ne décrivent aucune situation réelle.",
    ]
    for table in TABLES:
        parts += _described(table, table.file if as_csv else f"{WORKBOOK}, feuille {table.name}")
    if complete:
        parts += _sources_described(as_csv=as_csv)
        parts += ["", "", "POUR PROPOSER DES POSTES", "", fill(_PROPOSALS, _WIDTH)]
        for table in PROPOSAL_TABLES:
            parts += _described(table, table.file if as_csv else _own_workbook(table))
        parts += ["", "", "APRÈS L’ATTRIBUTION", "", fill(_AWARDS, _WIDTH)]
        for table in AWARD_TABLES:
            parts += _described(table, table.file if as_csv else _own_workbook(table))
    return "\n".join(parts) + "\n"


def _sources_described(*, as_csv: bool) -> list[str]:
    """Return the tables of sources, after the official files that stand for them."""
    lines = ["", "", "D’OÙ VIENNENT LES HEURES", "", fill(_SOURCES, _WIDTH), ""]
    for name, what in _OFFICIAL_FILES.items():
        lines.append(fill(f"  {name} : {what}", _WIDTH, subsequent_indent="      "))
    for table in SOURCE_TABLES:
        lines += _described(table, table.file if as_csv else _own_workbook(table))
    return lines


def _described(table: Table, where: str) -> list[str]:
    need = "obligatoire" if table.required else "facultatif"
    lines = ["", f"{where} ({need})", fill(table.description, _WIDTH)]
    for column in table.columns:
        lines += ["", f"  {column.name}", *(f"      {line}" for line in column_help(column))]
    return lines
