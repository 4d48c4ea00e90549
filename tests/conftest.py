"""Fixtures that every test may use, and the order that keeps two processes busy to the end."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock
from hypothesis import settings

from coverage.dossiers.bench import Bench
from coverage.dossiers.examine import examine
from coverage.proposals.rules import with_rules
from coverage.study import compute
from data.applications.case import read_cases
from data.calls.read import read_call
from data.example.generate import write_example
from data.reference.territory import load_territory
from data.study.reader import read_study

if TYPE_CHECKING:
    from pathlib import Path

    from coverage.dossiers.model import Dossier
    from coverage.model import Coverage
    from geo.territory import Territory

# A busy machine is no fault of what is tested.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

LONGEST = (
    *("test_store_killed", "test_jobs_killed", "test_deposits_killed", "test_deposits_kept"),
    *("test_layers_browser", "test_collect_files", "test_web_map_browser", "test_map_browser"),
    *("test_application_pages", "test_claim_tests", "test_objections", "test_example_findings"),
    *("test_application_browser", "test_changes", "test_verdicts", "test_dossier_sheet"),
    *("test_nothing_written", "test_planner_journey", "test_sources_broken"),
    *("test_web_trial_browser", "test_kept_proposals", "test_properties", "test_trials"),
    *("test_mutations", "test_propose", "test_web_map_france", "test_sources_conservation"),
    *("test_drawn_properties", "test_drawing_browser", "test_map_parts", "test_national_plan"),
    *("test_drawn_atoms", "test_trials_region", "test_example_sources", "test_workbooks"),
    *("test_drawing", "test_reference", "test_schemathesis", "test_broken_studies"),
    *("test_writing", "test_jobs", "test_api_trials", "test_consolidate", "test_comparison"),
    *("test_trace", "test_certificates", "test_closed_forms", "test_guide", "test_changes_map"),
    *("test_drawn_spoilt", "test_status_and_zones", "test_uploads_check", "test_after"),
    *("test_place_names", "test_drawn_france", "test_serving", "test_architecture"),
    *("test_pages_sources", "test_sources_real", "test_scenarios"),
)
"""Files to start with, the longest first; any other takes little time."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first: one left for the end would keep a single process busy."""
    ranks = {f"{name}.py": rank for rank, name in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(item.path.name, len(ranks)))


@pytest.fixture(scope="session")
def france() -> Territory:
    """Return the reference territory, from the user's cache (built there once)."""
    return load_territory()


@pytest.fixture(scope="session")
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that the processes of one run share; the next run has another."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if hasattr(request.config, "workerinput") else own) / "partage"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def example_folder(france: Territory, shared: Path) -> Path:
    """Return the folder of the national example, written once a run: to be read only."""
    folder = shared / "exemple"
    with FileLock(shared / "exemple.lock"):
        if not folder.exists():
            write_example(folder, france)
    return folder


@pytest.fixture(scope="session")
def example_coverage(france: Territory, example_folder: Path, shared: Path) -> Coverage:
    """Return the coverage of the national example, computed once a run: to be read only."""
    path = shared / "exemple.pickle"
    with FileLock(shared / "couverture.lock"):
        if not path.exists():
            part = path.with_suffix(".part")
            part.write_bytes(pickle.dumps(compute(read_study(example_folder, france), france)))
            part.rename(path)
    found: Coverage = pickle.loads(path.read_bytes())  # noqa: S301 - written by this very run
    return found


@pytest.fixture(scope="session")
def example_dossiers(
    france: Territory, example_folder: Path, example_coverage: Coverage, shared: Path
) -> dict[str, Dossier]:
    """Return the dossiers of the example by application, examined once a run: to be read only."""
    path = shared / "dossiers.pickle"
    with FileLock(shared / "dossiers.lock"):
        if not path.exists():
            made = pickle.dumps(_examined(france, example_folder, example_coverage))
            part = path.with_suffix(".part")
            part.write_bytes(made)
            part.rename(path)
    found: dict[str, Dossier] = pickle.loads(path.read_bytes())  # noqa: S301 - written by this run
    return found


def _examined(france: Territory, folder: Path, coverage: Coverage) -> dict[str, Dossier]:
    call = with_rules(read_call(), coverage.study.call)
    cases = read_cases(folder, coverage.study, france, call)
    bench = Bench(coverage, call, tuple(c.application for c in cases if c.application is not None))
    return {case.application_id: examine(case, bench) for case in cases}
