"""What a bounded process does of a deposit: read it as a study, and say what it found.

Every value given and returned is plain JSON.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coverage.proposals.rules import with_rules
from data.applications.read import FOLDER as APPLICATIONS
from data.applications.read import read_applications
from data.calls.read import read_call
from data.drawings.archives import list_members, read_members
from data.scenarios.read import FOLDER as SCENARIOS
from data.scenarios.read import read_scenarios
from data.study.faults import Findings, count
from data.study.reader import read_study
from data.uploads.databases import database_refusals
from geo.errors import InputErrors, Notice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from coverage.model import Study
    from geo.territory import Territory

    Progress = Callable[[str, int, int], None]

_STEPS = 4
_MOST_TOLD = 5_000
"""Errors, and warnings, told one by one: nobody reads more, and all of them might not be passed."""


def read_deposit(
    folder: str, loader: Sequence[str], *, on_progress: Progress | None = None
) -> dict[str, Any]:
    """Return the faults and warnings of the study of a folder, and what it holds.

    Parameters
    ----------
    folder
        Where the files of a deposit lie, already accepted.
    loader
        Module and name of the function that gives the territory.

    Returns
    -------
    dict
        `faults` and `warnings`, a list each of (file, row, column, message, remedy), and
        `summary`, empty when there is a fault.
    """
    say = on_progress or _silent
    say("Examen des GeoPackage", 0, _STEPS)
    faults = tuple(_in_databases(Path(folder)))
    if faults:
        return _answer(Findings(faults))
    say("Chargement du territoire", 1, _STEPS)
    module, name = loader
    territory: Territory = getattr(import_module(module), name)()
    say("Lecture de l’étude", 2, _STEPS)
    try:
        study = read_study(Path(folder), territory)
    except InputErrors as errors:
        return _answer(Findings(errors.faults, errors.warnings))
    say("Lecture des candidatures et des scénarios", 3, _STEPS)
    beside, findings = _beside(Path(folder), study, territory)
    findings += Findings((), study.warnings)
    return _answer(findings, {} if findings.faults else {**_held(study), **beside})


def _silent(_phrase: str, _done: int, _total: int) -> None:
    pass


def _in_databases(folder: Path) -> Iterator[Notice]:
    """Give the refusals of every GeoPackage, those of archives included."""
    for path in sorted(folder.rglob("*")):
        file = path.relative_to(folder).as_posix()
        for content in _databases(path):
            for refusal in database_refusals(content):
                yield Notice(file, 0, "", refusal.message, refusal.remedy)


def _databases(path: Path) -> Iterator[bytes]:
    suffix = path.suffix.lower()
    if suffix == ".gpkg":
        yield path.read_bytes()
    elif suffix == ".zip":
        content = path.read_bytes()
        # An archive that cannot be read is told by its reader.
        members, _ = list_members(content, path.name)
        found = [member for member in members if member.filename.lower().endswith(".gpkg")]
        contents, _ = read_members(content, found, path.name)
        yield from contents


def _beside(folder: Path, study: Study, territory: Territory) -> tuple[dict[str, Any], Findings]:
    call = with_rules(read_call(), study.call)
    applications, _, findings = read_applications(folder / APPLICATIONS, study, territory, call)
    scenarios, found = read_scenarios(folder / SCENARIOS, study, territory)
    counts = {"candidatures": len(applications), "scenarios": len(scenarios)}
    return counts, findings + found


def _held(study: Study) -> dict[str, Any]:
    return {
        "nom": study.name,
        "annee": study.year,
        "structures": len(study.structures),
        "postes": len(study.posts),
        "perimetres": len(study.perimeters),
        "perimetres_dessines": len(study.drawn),
        "besoins": len(study.needs),
    }


def _answer(findings: Findings, summary: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "faults": _plain(findings.faults, "erreur"),
        "warnings": _plain(findings.warnings, "avertissement"),
        "summary": summary or {},
    }


def _plain(notices: Iterable[Notice], noun: str) -> list[list[Any]]:
    """Return the first findings, and how many there are besides."""
    listed = sorted(set(notices))
    hidden = len(listed) - _MOST_TOLD
    if hidden > 0:
        message = f"trop de lignes à montrer : {count(hidden, noun)} de plus"
        more = Notice("", 0, "", message, "corrigez ce qui est montré, puis déposez de nouveau")
        listed = [more, *listed[:_MOST_TOLD]]
    return [[each.file, int(each.row), each.column, each.message, each.remedy] for each in listed]
