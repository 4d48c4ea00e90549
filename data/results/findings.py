"""All that `verifier` found, as a table to work through in a spreadsheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.results.places import check_outside
from data.results.tables import EXCEL_BOM, Table, csv_text
from data.results.writing import reason, write_file
from geo.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from geo.errors import Notice

COLUMNS = ("gravite", "fichier", "ligne", "colonne", "constat", "remede")


def check_findings_file(path: Path, study: Path) -> None:
    """Refuse, before anything is read, a file that findings may not replace.

    Raises
    ------
    OutputError
        When it is in the study, is a folder, holds something else, or has no folder to be in.
    """
    check_outside(path, study)
    if not path.resolve().parent.is_dir():
        raise OutputError(f"le dossier de « {path} » n’existe pas : le créer d’abord")
    if path.is_dir():
        raise OutputError(f"« {path} » est un dossier : donner un nom de fichier, en .csv")
    try:
        ours = not path.exists() or _first_line(path) in {",".join(COLUMNS), ";".join(COLUMNS)}
    except OSError as error:
        raise OutputError(f"« {path} » ne peut être relu ({reason(error)})") from error
    if not ours:
        raise OutputError(
            f"« {path} » contient autre chose qu’une liste d’anomalies : il n’est pas remplacé ; "
            "donner un autre nom"
        )


def write_findings(
    path: Path, faults: Sequence[Notice], warnings: Sequence[Notice], *, excel: bool
) -> None:
    """Write all findings, errors first, whole or not at all.

    Raises
    ------
    OutputError
        When the disk refuses.
    """
    write_file(path, csv_text(findings_table(faults, warnings), excel=excel))


def findings_table(faults: Sequence[Notice], warnings: Sequence[Notice]) -> Table:
    """Return a line a finding; no line number when none applies."""
    rows = [
        (gravity, notice.file, str(notice.row or ""), notice.column, notice.message, notice.remedy)
        for gravity, notices in (("erreur", faults), ("avertissement", warnings))
        for notice in sorted(notices)
    ]
    columns = {name: [row[rank] for row in rows] for rank, name in enumerate(COLUMNS)}
    return Table(columns, whole=frozenset({"ligne"}))


def _first_line(path: Path) -> str:
    with path.open("rb") as handle:
        line = handle.readline(200)
    return line.decode("utf-8", errors="replace").removeprefix(EXCEL_BOM).strip()
