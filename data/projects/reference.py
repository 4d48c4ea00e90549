"""The ready layer of large projects: a compilation of public facts, without hours.

`data/reference/grands_projets.csv` has a source on every row and says whether its place is certain
or approximate. It tells where a programme of the State is under way, never how much work it
brings: that stays unknown. A study's own file of projects replaces it.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from data.projects.table import projects_of_table
from data.study.csv_files import read_csv
from data.study.filed_tables import file_entry
from data.study.sources_tables import PROJETS
from data.study.table_reader import read_table
from geo.errors import DataUnavailableError, InputErrors

if TYPE_CHECKING:
    import geopandas as gpd

    from coverage.model import InputFile
    from data.study.faults import Findings
    from geo.territory import Territory

FILE = "grands_projets.csv"

_NAME = f"référence {FILE}"


def reference_projects(territory: Territory) -> tuple[gpd.GeoDataFrame, InputFile, Findings]:
    """Return the ready layer: NPNRU, Grand Paris Express, Canal Seine-Nord, Games, coalfield.

    Returns
    -------
    GeoDataFrame, InputFile, Findings
        Columns `PROJECT_COLUMNS`, placed by communes; its warning says that hours are unknown.

    Raises
    ------
    DataUnavailableError
        When the program was installed without its file.
    InputErrors
        When the territory does not hold its codes (another vintage).
    """
    try:
        content = files("data.reference").joinpath(FILE).read_bytes()
    except OSError as error:
        raise DataUnavailableError(
            f"couche des grands projets absente ({error}) ; réinstallez le programme"
        ) from error
    text, findings = read_csv(content, _NAME, PROJETS)
    typed, found = (None, findings) if text is None else read_table(text, PROJETS)
    if typed is None:
        raise InputErrors(found.faults)
    frame, in_codes = projects_of_table(typed, territory)
    findings += found + in_codes
    if findings.faults:
        raise InputErrors(findings.faults, findings.warnings)
    return frame, file_entry(_NAME, len(typed.frame), content), findings
