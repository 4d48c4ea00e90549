"""From a study folder to the follow-up of its conventions, written whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.dossiers.cases import bench_of, cases_in
from api.pipeline import read_and_compute
from coverage.dossiers.awards.after import follow
from data.results.archive import packed
from data.results.followup import followup_files
from data.results.places import check_folder
from data.results.readme import ABOUT_FOLLOWUP
from data.results.writing import write_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from pathlib import Path

    from coverage.dossiers.awards.after import Followup
    from coverage.dossiers.bench import Bench


def follow_up(
    folder: Path,
    out: Path,
    *,
    on_step: Callable[[str], None],
    at: date | None = None,
    excel: bool = False,
) -> Followup:
    """Write the follow-up of a study folder.

    Parameters
    ----------
    at
        Day spoken of; the last of the study's year by default.

    Raises
    ------
    InputErrors, OutputError
        As `api.pipeline.calculate`.
    """
    check_folder(out, study=folder, about=ABOUT_FOLLOWUP)
    coverage = read_and_compute(folder, on_step=on_step)
    on_step("Candidatures et conventions")
    bench = bench_of(coverage, cases_in(coverage, folder))
    found = follow(bench, at)
    on_step("Tableaux et annexes")
    files = followup_files(found, coverage, bench.call, excel=excel)
    files["annexes.zip"] = annexes(found, bench)
    on_step("Écriture du suivi")
    write_folder(out, files, about=ABOUT_FOLLOWUP)
    return found


def annexes(found: Followup, bench: Bench) -> bytes:
    """Return the archive of the annexes, one a convention."""
    from maps.dossiers.annex import annex_docx  # noqa: PLC0415 - a library that few answers need

    return packed(
        {
            f"annexe-{_file_name(award.convention_id)}-{number:03d}.docx": annex_docx(
                award, found, bench.coverage, bench.call
            )
            for number, award in enumerate(found.awards, start=1)
        }
    )


def _file_name(name: str) -> str:
    """Return an identifier fit for a file's name.

    >>> _file_name("C 2023/01")
    'C-2023-01'
    """
    return "".join(sign if sign.isalnum() else "-" for sign in name)
