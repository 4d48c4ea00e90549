"""From a study folder to its national package: joined alone, computed, examined, sealed."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from api.dossiers.cases import bench_of, cases_in
from api.dossiers.files import whole_files
from api.exports.opinions import FILE as OPINIONS_FILE
from api.exports.opinions import opinions_file
from api.filed import with_filed
from coverage.dossiers.examine import examine
from coverage.study import compute
from data.consolidate.dossiers import slug
from data.consolidate.join import Asked, consolidate
from data.packages.opened import SUFFIX, lay_studies, open_packages
from data.packages.seal import DOSSIERS, RESULTS, STUDY, sealed
from data.results.dossiers import QUEUE_FILE, queue_table
from data.results.files import result_files
from data.results.provenance import provenance
from data.results.tables import csv_text
from data.study.filed_tables import file_bytes
from data.study.reader import read_study
from data.study.settings_file import SETTINGS_FILE, read_settings
from maps.map import build_map

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from coverage.model import Coverage, Study
    from data.packages.seal import Sealed
    from geo.territory import Territory


def make_package(
    folder: Path,
    territory: Territory,
    *,
    on_step: Callable[[str], None],
    also: Callable[[Study], Study] = lambda study: study,
) -> Sealed:
    """Return the package of a study folder.

    What is sealed is read again and computed from what is sealed: its figures are those of its own
    files, for whoever computes them anew.

    Parameters
    ----------
    also
        Gives the study with the opinions that stand outside its folder.

    Raises
    ------
    InputErrors
        All the faults of the study, its applications and scenarios.
    """
    with tempfile.TemporaryDirectory(prefix="zones-blanches-paquet-") as temporary:
        own = Path(temporary) / "etude"
        name = _name_of(folder, territory)
        # Named by the study alone: the same study in two folders gives one package.
        asked = Asked(name=name, label=slug(name))
        study = consolidate([folder], own, territory, asked, on_step=on_step).study
        opinions = also(study).opinions
        if len(opinions) > len(study.opinions):
            (own / OPINIONS_FILE).write_bytes(opinions_file(opinions))
        coverage = compute(read_study(own, territory), territory, on_step=on_step)
        on_step("Tableaux, GeoJSON et carte")
        files = _under(RESULTS, {**result_files(coverage), "carte.html": build_map(coverage)})
        complete, _ = with_filed(coverage, own)
        names, dossiers = _dossiers(complete, own, on_step)
        files |= _under(STUDY, _content(own)) | _under(DOSSIERS, dossiers)
    on_step("Paquet scellé")
    facts = provenance(complete.study, complete.territory)
    return sealed(files, {**facts, "candidatures": names})


@contextmanager
def unpacked(paths: Sequence[Path]) -> Iterator[tuple[list[Path], dict[Path, str]]]:
    """Give study folders, those of packages unpacked for a while, and the digests of these.

    Raises
    ------
    InputErrors
        With all that is wrong with the packages.
    """
    packages = open_packages([path for path in paths if _is_package(path)])
    with tempfile.TemporaryDirectory(prefix="zones-blanches-paquets-") as temporary:
        laid = lay_studies(packages, Path(temporary))
        folders = [path for path in paths if not _is_package(path)]
        yield [*folders, *laid], {path: package.digest for path, package in laid.items()}


def _is_package(path: Path) -> bool:
    return path.suffix.lower() == SUFFIX and not path.is_dir()


def _name_of(folder: Path, territory: Territory) -> str:
    """Return the name that a study gives itself; its faults are told by who reads it whole."""
    content, _ = file_bytes(folder / SETTINGS_FILE)
    return "" if content is None else read_settings(content, territory)[0].name


def _dossiers(
    coverage: Coverage, folder: Path, on_step: Callable[[str], None]
) -> tuple[list[str], dict[str, bytes | str]]:
    """Return the names of the applications of a study, and the files of their dossiers."""
    on_step("Candidatures examinées")
    cases = cases_in(coverage, folder)
    bench = bench_of(coverage, cases)
    dossiers = [examine(case, bench) for case in cases]
    on_step("Fiches de preuve")
    files: dict[str, bytes | str] = {}
    for dossier in dossiers:
        own = whole_files(dossier, bench, excel=True)
        files |= _under(f"{dossier.case.application_id}/", own)
    if dossiers:
        files[QUEUE_FILE] = csv_text(queue_table(dossiers), excel=True)
    return [case.application_id for case in cases], files


def _content(folder: Path) -> dict[str, bytes | str]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def _under(folder: str, files: Mapping[str, bytes | str]) -> dict[str, bytes | str]:
    return {f"{folder}{name}": content for name, content in files.items()}
