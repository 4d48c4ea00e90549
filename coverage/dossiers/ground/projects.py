"""The large projects of a study: their names and their last days."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from datetime import date

    from coverage.model import Study


def project_ends(study: Study) -> dict[str, date]:
    """Return the last day of each project that tells one, by identifier, sorted."""
    if study.projects is None:
        return {}
    columns = (study.projects[name].tolist() for name in ("projet_id", "fin"))
    told = sorted((str(name), end) for name, end in zip(*columns, strict=True) if not pd.isna(end))
    return dict(told)


def project_names(study: Study) -> dict[str, str]:
    """Return the name of each project by identifier, sorted."""
    if study.projects is None:
        return {}
    columns = (study.projects[name].tolist() for name in ("projet_id", "nom"))
    return {str(key): str(name or key) for key, name in sorted(zip(*columns, strict=True))}
