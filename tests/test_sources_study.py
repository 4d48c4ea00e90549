"""Sources together in one study: closed forms, from files to results."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import polars as pl
import pytest
from broken_source_files import HEADERS
from broken_sources import table
from builders import grid_territory, make_study, need, perimeter, post
from origins import contract, project, service, with_origins
from test_sources_broken import TOY, write

from coverage.frames import SERVICE_COLUMNS
from coverage.origins.services import service_contributions
from coverage.parameters import CLASSES
from coverage.study import compute
from coverage.trace import trace
from data.study.reader import read_study

if TYPE_CHECKING:
    from pathlib import Path

    from coverage.model import Study

FOUR = grid_territory(4, departements=("01", "01", "02", "02"))
EVERY = {"part_marches_clausables": tuple((name, Fraction(1)) for name in CLASSES)}
HOUR = 1_200  # euros of works for an hour: 1,200 x 0.50 x 0.05 / 30 = 1


# --- one commune, five origins ------------------------------------------------------------


@pytest.fixture
def five() -> Study:
    """Return 100 h filed, 200 h of contracts, 365 h of a project, 50 h of a service."""
    study = make_study(
        [post("S", 1)],
        [perimeter("S", "01001"), perimeter("S", "01002")],
        [need("01001", 100, "collectivites", source="profil")],
        **EVERY,
    )
    own = project("J", None, 365) | {"communes": ("01001",), "source": "SOLIDEO"}
    return with_origins(
        study,
        contracts=[contract("A", 150 * HOUR), contract("B", 50 * HOUR)],
        projects=[own],
        services=[service("P", "01001") | {"heures": 50.0}],
        totals=[("84", "hopitaux", 90.0)],
    )


def test_hours_of_five_origins_add_up_in_one_commune(five: Study) -> None:
    coverage = compute(five, FOUR)
    # 90 h of hospitals by inhabitants, 1,000 and 1,100: nothing else is told of the région.
    assert coverage.communes.loc["01001", "besoin_h"] == 100 + 200 + 365 + 50 + 43
    told = trace(coverage)
    own = told[told["commune"] == "01001"].set_index(["origine", "id"])
    assert own["heures_comptees"].to_dict() == {
        ("besoins", ""): 100,
        ("marches", "A"): 150,
        ("marches", "B"): 50,
        ("grands_projets", "J"): 365,
        ("services_etat", "P"): 50,
        ("composite", "composite:84:hopitaux"): 43,
    }
    assert own.loc[("grands_projets", "J"), "source"] == "SOLIDEO"
    known = coverage.communes.loc["01001", "classes_inconnues"]
    assert known == ("operateurs_etat", "hopitaux", "bailleurs", "prives")


def test_a_service_gives_way_to_the_contracts_of_its_buyer(five: Study) -> None:
    assert five.services is not None
    owned = five.services.assign(siret="11000001500012")
    buying = five.contracts.with_columns(acheteur_siret=pl.lit("11000001500020"))
    coverage = compute(replace(five, services=owned, contracts=buying), FOUR)
    assert coverage.communes.loc["01001", "besoin_h"] == 100 + 200 + 365 + 43
    assert coverage.totals["besoin_ecarte_h"] == 50
    assert coverage.zones["services_etat_non_accompagnes"].sum() == 1


def test_hours_that_years_leave_out_are_the_same_sum_in_any_order() -> None:
    hours = [0.1, 0.7, 123_456.3, 0.2, 98_765.4, 1e-6]
    rows = [need("01001", each, annee=2019, source=str(at)) for at, each in enumerate(hours)]
    sums = {
        compute(make_study([], [], order), FOUR).totals["besoin_ecarte_h"]
        for order in (rows, rows[::-1], rows[3:] + rows[:3])
    }
    assert len(sums) == 1
    assert sums.pop() == pytest.approx(sum(hours))


# --- services -----------------------------------------------------------------------------


def test_services_of_unknown_communes_are_set_aside_with_their_hours() -> None:
    rows = [service(f"V{n}", f"9{n:04d}") | {"heures": float(n)} for n in range(300)]
    study = replace(make_study([], []), services=pd.DataFrame(rows, columns=list(SERVICE_COLUMNS)))
    found = service_contributions(study, FOUR)
    assert len(found.aside) == 300
    assert found.aside["heures"].sum() == sum(range(300))
    assert set(found.aside["constat"].str.partition(" inconnue")[2]) == {" (COG 2025)"}
    assert not len(found.table)


# --- files --------------------------------------------------------------------------------


def test_the_planner_s_table_and_the_official_record_are_joined(tmp_path: Path) -> None:
    line = "{},21010004400011,{},12,2023-01-10,45000000,01004,Code commune\n"
    files = {
        **table("marches", {"marche_id": "mien", "montant_eur": "24000"}),
        "decp.csv": HEADERS + line.format("un", 12_000) + line.format("deux", 6_000),
        "acheteurs.csv": "siren,categorie_juridique\n210100044,7210\n",
    }
    study = read_study(write(tmp_path, files), TOY)
    by_file = dict(study.contracts.group_by("source").len().iter_rows())
    assert by_file == {"marches.csv": 1, "decp.csv": 2}
    coverage = compute(study, TOY)
    told = trace(coverage)
    own = told[(told["origine"] == "marches") & (told["commune"] == "01004")]
    # 24,000 € over 18 months from March: 10 of them in 2023, at 10 % of clauses.
    assert own.set_index("source")["heures"].groupby(level=0).sum().to_dict() == {
        "marches.csv": pytest.approx(24_000 * 0.5 * 0.05 / 30 * 0.1 * 10 / 18, abs=1e-6),
        "decp.csv": pytest.approx(18_000 * 0.5 * 0.05 / 30 * 0.1, abs=1e-6),
    }


def test_a_project_drawn_in_two_files_is_one(tmp_path: Path) -> None:
    def layer(lon: float) -> str:
        shape = {"type": "Point", "coordinates": [lon, 45.95]}
        known = {"projet_id": "P", "nom": "Gares", "programme": "autre", "heures": "100"}
        known |= {"debut": "2023-01-01", "fin": "2023-12-31", "donneur_ordre": "etat"}
        feature = {"type": "Feature", "properties": known, "geometry": shape}
        return json.dumps({"type": "FeatureCollection", "features": [feature]})

    names = ("grands_projets.geojson", "grands_projets.json")
    files = dict(zip(names, map(layer, (5.35, 5.45)), strict=True))
    coverage = compute(read_study(write(tmp_path, files), TOY), TOY)
    told = trace(coverage)
    own = told[told["origine"] == "grands_projets"]
    assert own.set_index("commune")["heures_comptees"].to_dict() == {"01004": 50, "01033": 50}
    assert len(coverage.need.sites.names) == 1


def test_unknown_is_not_zero_with_every_file_but_one_class(tmp_path: Path) -> None:
    exhaustive = "donneur_ordre,source,region,departement\n"
    exhaustive += "".join(f"{name},profil,84,\n" for name in CLASSES if name != "etat")
    files = {
        **table("services_etat", {"accompagne": "oui"}),
        **table("grands_projets", {"communes": "75101"}),
        "besoins.csv": "commune,donneur_ordre,heures\n2A004,collectivites,5\n",
        "exhaustivite.csv": exhaustive,
    }
    coverage = compute(read_study(write(tmp_path, files), TOY), TOY)
    line = coverage.communes.loc["01004"]
    assert (line["besoin_connu"], line["classes_inconnues"]) == ("partiel", ("etat",))
    assert line["statut"] == "couverte"
    zone = coverage.zones.loc[line["zone_id"]]
    assert (zone["besoin"], zone["communes_etat_inconnu"]) == ("inconnu", 2)
    assert np.count_nonzero(coverage.need.known[:, CLASSES.index("etat")]) == 0
