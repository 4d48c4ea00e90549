"""The study: what a planner files, validated, as plain tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from coverage.parameters import Parameters
    from geo.errors import Notice

VOLETS = ("facilitateur", "coordinateur")
NATURES = ("principal", "extension_dotee", "extension")
"""Natures of a perimeter, strongest first; the first two count as principal."""


@dataclass(frozen=True)
class InputFile:
    """One file a study was read from, for provenance.

    Attributes
    ----------
    name
        Relative to the study folder.
    rows
        Data rows (0 for `etude.toml`).
    sha256
        Of the bytes read, hexadecimal.
    """

    name: str
    rows: int
    sha256: str


@dataclass(frozen=True)
class Study:
    """One study. Tables carry a `row` column (int, the spreadsheet's line) for messages.

    Attributes
    ----------
    regions
        Région codes whose outputs are written; empty for all. Everything filed is computed.
    structures
        Index `structure_id`; columns `nom`, `siret`, `statut_juridique` (text, empty when not
        given), `heures_par_etp` (Int64, NA when not given), `lon`, `lat` (float, NaN).
    posts
        Columns `poste_id` (text, may be empty), `structure_id`, `volet`, `etp`
        (`fractions.Fraction`), `donneurs_ordre` (tuple of classes in the order of `CLASSES`,
        all when the cell is empty), `financement` (text), `debut`, `fin`
        (`datetime.date` or None).
    perimeters
        Columns `structure_id`, `volet`, `nature`, `niveau`, `code`, `etat`.
    needs
        Columns `commune` (code as filed, resolvable at level `commune`), `donneur_ordre`,
        `heures` (float64, ≥ 0), `annee` (int64, 0 for every year), `programme`, `source` (text).
    exhaustiveness
        Columns `donneur_ordre`, `source`, `region`, `departement` (codes, empty for no limit):
        where the absence of a row means zero.
    call
        The `[appel]` table as filed.
    fictional
        Whether the study says of itself that it is fictional; results then repeat it.
    """

    name: str
    year: int
    regions: tuple[str, ...]
    parameters: Parameters
    structures: pd.DataFrame
    posts: pd.DataFrame
    perimeters: pd.DataFrame
    needs: pd.DataFrame
    exhaustiveness: pd.DataFrame
    call: Mapping[str, object] = field(default_factory=dict)
    fictional: bool = False
    inputs: tuple[InputFile, ...] = ()
    warnings: tuple[Notice, ...] = ()
