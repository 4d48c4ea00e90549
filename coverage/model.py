"""The core types: what a planner files (`Study`) and what is decided of it (`Coverage`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from coverage.frames import (
    AWARD_COLUMNS,
    BUYER_COLUMNS,
    CONTRACTS,
    CONTRACTS_ASIDE,
    FUNDING_COLUMNS,
    INDICATOR_COLUMNS,
    OPINION_COLUMNS,
    REPORT_COLUMNS,
    TOTAL_COLUMNS,
    drawn_frame,
    no_rows,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    import pandas as pd
    import polars as pl
    from numpy.typing import NDArray

    from coverage.origins.contributions import Contributions
    from coverage.parameters import Parameters
    from geo.errors import Notice
    from geo.territory import Territory

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
        Columns `structure_id`, `volet`, `nature`, `niveau`, `code`, `etat`: those given by
        codes.
    drawn
        Perimeters drawn as polygons: columns `file` (text), `row` (feature number in its file,
        from 1), `structure_id`, `volet`, `nature`, `etat` and `geometry` (WGS84 longitude,
        latitude; valid polygons or multipolygons). Both kinds add up.
    needs
        Columns `commune` (code as filed, resolvable at level `commune`), `donneur_ordre`,
        `heures` (float64, ≥ 0), `annee` (int64, 0 for every year), `programme`, `source` (text).
    exhaustiveness
        Columns `donneur_ordre`, `source`, `region`, `departement` (codes, empty for no limit):
        where the absence of a row means zero.
    contracts, contracts_aside
        Contracts of the public record, schemas `CONTRACTS` and `CONTRACTS_ASIDE`.
    projects
        Large projects, `PROJECT_COLUMNS`: one row a feature; `rayon_m`, `heures`,
        `montant_eur`, `part_main_oeuvre`, `taux_effort` are float64 (NaN when not given),
        `debut`, `fin` `datetime.date` or None, `communes` tuples of codes (empty when drawn),
        `geometry` in WGS84 (None when given by communes), `fiabilite` `certain`,
        `approximatif` or empty. None when no file speaks of projects: they are then unknown.
    services
        State services, `SERVICE_COLUMNS`: `commune` as filed (empty when placed by `lon`,
        `lat`, NaN otherwise), `accompagne` `oui`, `non` or `inconnu`, `heures` NaN when not
        given. None when no file speaks of services: their presence is then unknown.
    indicators
        `INDICATOR_COLUMNS`: one value of an indicator in a commune.
    regional_totals
        `TOTAL_COLUMNS`: hours of a class in a région, for the composite need.
    buyers
        `BUYER_COLUMNS`: what is known of buyers by SIREN.
    funding
        `FUNDING_COLUMNS`: what a funder brings to a post in a year, whole cents; a post, a
        funder, its type and a year have one row.
    opinions
        `OPINION_COLUMNS`: what people said, one row an opinion filed, whether still in force or
        not (`coverage.proposals.decisions`).
    awards
        `AWARD_COLUMNS`: one row a convention, each of its renewals being one too.
    reports
        `REPORT_COLUMNS`: objectives of a convention (`rapport` is `objectif`) and what its
        reports tell, by ETP.
    last_year
        Last year studied, at least `year`: response and status are told year by year.
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
    drawn: gpd.GeoDataFrame = field(default_factory=drawn_frame)
    contracts: pl.DataFrame = field(default_factory=CONTRACTS.to_frame)
    contracts_aside: pl.DataFrame = field(default_factory=CONTRACTS_ASIDE.to_frame)
    projects: gpd.GeoDataFrame | None = None
    services: pd.DataFrame | None = None
    indicators: pd.DataFrame = field(default_factory=lambda: no_rows(INDICATOR_COLUMNS))
    regional_totals: pd.DataFrame = field(default_factory=lambda: no_rows(TOTAL_COLUMNS))
    buyers: pd.DataFrame = field(default_factory=lambda: no_rows(BUYER_COLUMNS))
    funding: pd.DataFrame = field(default_factory=lambda: no_rows(FUNDING_COLUMNS))
    opinions: pd.DataFrame = field(default_factory=lambda: no_rows(OPINION_COLUMNS))
    awards: pd.DataFrame = field(default_factory=lambda: no_rows(AWARD_COLUMNS))
    reports: pd.DataFrame = field(default_factory=lambda: no_rows(REPORT_COLUMNS))
    last_year: int = 0
    call: Mapping[str, object] = field(default_factory=dict)
    fictional: bool = False
    inputs: tuple[InputFile, ...] = ()
    warnings: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class Atoms:
    """Parts of communes on which one set of (structure, nature) applies.

    Attributes
    ----------
    table
        One row an atom, sorted by unit row then signature: columns `unit` (unit row, int32),
        `share` (of the unit's area, float64, sums to 1 by unit), `signature` (int32).
    shapes
        WGS84 geometry of the atoms of cut units, None where an atom is its whole unit (its
        geometry is then the unit's); shape (atoms,), object.
    signatures
        Signature number → sorted tuple of (structure_id, nature), perimeters in force only;
        number 0 is the empty one.
    """

    table: pd.DataFrame
    shapes: NDArray[np.object_]
    signatures: tuple[tuple[tuple[str, str], ...], ...]


@dataclass(frozen=True)
class Sites:
    """Where State services and the large projects in their period are.

    Attributes
    ----------
    services
        Columns `service_id`, `nom`, `type`, `accompagne`, `unit` (unit row), `lon`, `lat` (NaN
        when placed by commune); None when no file speaks of services.
    projects
        One row a (project, unit touched): `projet_id`, `unit`, `shape` (WGS84 influence, None
        for all the unit); None when no file speaks of projects.
    names
        One row a project, sorted: `projet_id`, `nom`, `programme`.
    """

    services: pd.DataFrame | None
    projects: pd.DataFrame | None
    names: pd.DataFrame


@dataclass(frozen=True)
class Need:
    """The need of one year.

    Attributes
    ----------
    contributions
        What every origin brought, exact, before any rounding.
    parts
        Columns `unit` (unit row), `donneur_ordre`, `programme`, `source`, `hours` (int64 > 0).
    hours
        Whole hours, shape (units, classes), int64.
    known
        Whether a class is known in a unit: a row exists for it, 0 included, or a source
        declared exhaustive covers it. Shape (units, classes), bool.
    located
        Hours that are somewhere in their unit, columns `coverage.located.LOCATED`; `place` is a
        position in `contributions.places`, which has a shape.
    sites
        State services and large projects, grounds of their own beside the hours.
    rounding_hours
        Whole hours kept minus hours brought for the year.
    """

    contributions: Contributions
    parts: pd.DataFrame
    hours: NDArray[np.int64]
    known: NDArray[np.bool_]
    located: pd.DataFrame
    sites: Sites
    rounding_hours: float
    warnings: tuple[Notice, ...]


@dataclass(frozen=True)
class Certificate:
    """A proof of shortage that adds up by hand (method, section 5).

    *However the posts filed are redeployed within the perimeters filed, `need_hours -
    capacity_hours` hours of these places stay unserved.* The union is this group and all its
    ancestors (poorer groups that share suppliers with it).

    Attributes
    ----------
    flow
        `total`, or `etat` when only State needs are counted.
    kind
        `extensions_comprises` or `perimetres_principaux`.
    places
        Own nodes: (place, class, hours), sorted. A place is a commune's code, followed by `-a`
        and a number for a part of a commune that a drawn border cuts.
    structures
        Own suppliers: (structure_id, classes joined by `|`, capacity in whole hours), sorted.
    ancestors
        Identifiers of the poorer certificates that belong to the union, sorted.
    own_need_hours, own_capacity_hours
        Sums of `places` and of `structures`.
    need_hours, capacity_hours
        Sums over the union.
    """

    certificate_id: str
    flow: str
    kind: str
    places: tuple[tuple[str, str, int], ...]
    structures: tuple[tuple[str, str, int], ...]
    ancestors: tuple[str, ...]
    own_need_hours: int
    own_capacity_hours: int
    need_hours: int
    capacity_hours: int


@dataclass(frozen=True)
class Years:
    """What each year of the study comes to, the first one being the study's own.

    Attributes
    ----------
    years
        In order.
    communes
        One row a (year, unit), sorted: `annee`, `unit`, `besoin_h`, `besoin_etat_h`, `servi_h`,
        `taux_reponse`, `taux_reponse_etat` (`Fraction` or None), `besoin_connu`, `statut`.
    structures
        One row a (year, structure with capacity), sorted: `annee`, `structure_id`,
        `capacite_h`, `besoin_atteint_h` (need that its posts reach, shared with others or not),
        `travail_h` (hours of its posts at work in the fair flow), `charge` (their ratio,
        `Fraction`).
    """

    years: tuple[int, ...]
    communes: pd.DataFrame
    structures: pd.DataFrame
    warnings: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class Coverage:
    """What `coverage.study.compute` decides, in the column names results are written with.

    Attributes
    ----------
    communes
        Index `commune` (unit code), one row a unit, in the territory's order: the columns of
        `communes.csv` (formats page), rates as `fractions.Fraction` or None, `mixte` bool,
        `gravite` text (`<1/3`, `<2/3`, `<1`, empty), `structures` tuple of ids,
        `classes_inconnues` tuple of the classes whose need is unknown there, and
        `classes_non_servies` tuple of the classes with need that no post serves.
    need
        Columns `unit`, `donneur_ordre`, `programme`, `source`, `hours` (int64): the need by
        unit and class in the year, before it is spread over atoms.
    zones
        Index `zone_id`, sorted; the properties of `zones.geojson` (lists as tuples, unknown as
        None), plus `besoin_par_classe` (dict class → hours), `en_attente` bool (cases 1 and 2
        with unknown need: *à documenter*), `sans_geometrie` bool.
    zone_atoms
        Zone id → sorted atom rows (int64).
    regions
        Index `region`; the columns of `regions.csv`.
    years
        Need, response, status and work of posts, year by year.
    certificates
        By identifier, sorted.
    totals
        Figures of `resume.json`, by name (ints, texts, nested dicts).
    anomalies
        Columns `fichier`, `ligne`, `objet`, `constat`, `heures`: what could not be placed,
        counted or believed.
    warnings
        What the planner should read first.
    """

    study: Study
    territory: Territory
    atoms: Atoms
    communes: pd.DataFrame
    need: Need
    zones: pd.DataFrame
    zone_atoms: Mapping[str, NDArray[np.int64]]
    regions: pd.DataFrame
    years: Years
    certificates: Mapping[str, Certificate]
    totals: Mapping[str, Any]
    anomalies: pd.DataFrame
    warnings: tuple[Notice, ...]

    @cached_property
    def zone_units(self) -> dict[str, NDArray[np.int32]]:
        """Zone id → sorted rows of the units it holds, whole or in part."""
        unit = self.atoms.table["unit"].to_numpy()
        return {zone: np.unique(unit[rows]) for zone, rows in self.zone_atoms.items()}
