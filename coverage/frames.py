"""The frames of a study: the columns of its tables, declared once, and the frames without rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import polars as pl

from coverage.parameters import CLASSES
from geo.crs import WGS84_EPSG

if TYPE_CHECKING:
    from collections.abc import Mapping

PLACE_KINDS = (
    *("point", "commune", "code_postal", "arrondissement", "epci", "ept"),
    *("departement", "region", "pays"),
)
"""How a contract may be placed: by a point, or by a code of a level."""

CONTRACTS = pl.Schema(
    {  # type: ignore[arg-type] # a list of types is enough, Enum takes its values
        "contract_id": pl.String,
        "source": pl.String,
        "acheteur_siret": pl.String,
        "donneur_ordre": pl.Enum(CLASSES),
        "cpv": pl.String,
        "amount_cents": pl.Int64,
        "notified": pl.Date,
        "months": pl.Int32,
        "niveau": pl.Enum(PLACE_KINDS),
        "code": pl.String,
        "lon": pl.Float64,
        "lat": pl.Float64,
        "labour_ppm": pl.Int64,
        "effort_ppm": pl.Int64,
        "programme": pl.String,
        "clause": pl.Boolean,
    }
)
"""Columns of `Study.contracts`: one row a contract, each of them usable.

`cpv` has 8 digits without the check digit; `labour_ppm`, `effort_ppm` are millionths that
override the method's rates (null: the method's); `code` is empty for a point or the country;
`clause` tells whether a clause was declared (null: not said).
"""

CONTRACTS_ASIDE = pl.Schema(
    {
        "source": pl.String,
        "row": pl.Int64,
        "contract_id": pl.String,
        "reason": pl.String,
        "found": pl.String,
        "amount_cents": pl.Int64,
    }
)
"""Columns of `Study.contracts_aside`: rows that bring no hours, each with its reason in French.

`row` counts from 1 in the file (0: unknown); `found` is the value that was refused.
"""

PROJECT_COLUMNS = (
    *("file", "row", "projet_id", "nom", "programme", "rayon_m", "debut", "fin", "heures"),
    *("montant_eur", "donneur_ordre", "part_main_oeuvre", "taux_effort", "communes"),
    *("source", "fiabilite", "geometry"),
)
"""Columns of `Study.projects`."""

SERVICE_COLUMNS = (
    *("file", "row", "service_id", "nom", "type", "siret", "commune", "lon", "lat"),
    *("accompagne", "structure_id", "heures"),
)
"""Columns of `Study.services`."""

INDICATOR_COLUMNS = ("commune", "indicateur", "valeur", "source")
"""Columns of `Study.indicators`."""

TOTAL_COLUMNS = ("row", "region", "donneur_ordre", "heures", "annee", "source")
"""Columns of `Study.regional_totals`."""

BUYER_COLUMNS = ("row", "siren", "categorie_juridique", "donneur_ordre")
"""Columns of `Study.buyers`."""

FUNDING_COLUMNS = ("row", "poste_id", "financeur", "type", "annee", "cents")
"""Columns of `Study.funding`: texts, `annee` and `cents` int64."""

OPINION_COLUMNS = (
    *("row", "option_id", "structure_id", "zone_id", "volet"),
    *("instance", "date", "avis", "motif"),
)
"""Columns of `Study.opinions`: texts, empty when not given, and `date` (`datetime.date`)."""


AWARD_COLUMNS = (
    *("row", "convention_id", "structure_id", "candidature", "volet", "etp", "poste_id"),
    *("renouvelle", "signature", "debut", "mise_en_oeuvre", "recrutement", "cents"),
)
"""Columns of `Study.awards`: texts, `etp` `Fraction`, dates or None, whole cents."""

REPORT_COLUMNS = (
    *("row", "convention_id", "rapport", "date", "heures", "beneficiaires_personnes"),
    *("beneficiaires_etp", "structures_inclusives", "prises_de_contact", "marches_accompagnes"),
    "partenariats",
)
"""Columns of `Study.reports`: texts, `date`, and indicators by ETP (`Fraction`, None unknown)."""


def project_frame(records: Mapping[str, Any] | None = None) -> gpd.GeoDataFrame:
    """Return a frame of large projects in WGS84, empty by default."""
    return gpd.GeoDataFrame(
        records or {name: [] for name in PROJECT_COLUMNS}, geometry="geometry", crs=WGS84_EPSG
    )


def no_rows(columns: tuple[str, ...]) -> pd.DataFrame:
    """Return a frame of some columns without rows."""
    return pd.DataFrame({name: [] for name in columns})


DRAWN_COLUMNS = ("file", "row", "structure_id", "volet", "nature", "etat", "geometry")
"""Columns of `Study.drawn`."""


def drawn_frame(records: Mapping[str, Any] | None = None) -> gpd.GeoDataFrame:
    """Return a frame of drawn perimeters in WGS84, empty by default."""
    return gpd.GeoDataFrame(
        records or {name: [] for name in DRAWN_COLUMNS}, geometry="geometry", crs=WGS84_EPSG
    )
