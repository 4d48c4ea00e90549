"""Lists and overviews: what a selection holds, how it is ordered, what its figures add up to."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from builders import grid_territory, make_study, need, perimeter, post
from fake_coverage import fake_coverage

from api.facts.ground import Ground
from api.facts.overview import check, figures, region_lines, status_lines
from api.facts.places import NameIndex, search
from api.facts.selection import (
    CommuneQuery,
    StructureQuery,
    ZoneQuery,
    chosen_communes,
    chosen_zones,
    departements,
)
from api.facts.sources import anomaly_facts, parameter_facts, provenance_facts
from api.facts.structures import structure_lines
from api.facts.unknowns import class_knowledge, unknowns
from coverage.status import STATUTS
from coverage.study import compute
from geo.errors import UnknownCodeError


@cache
def ground() -> Ground:
    return Ground(fake_coverage())


@cache
def limited() -> Ground:
    return Ground(fake_coverage(regions=("84",)))


def test_the_legend_counts_every_commune_once() -> None:
    shown = ground().shown()
    lines = status_lines(shown)
    assert sum(line.communes for line in lines) == len(shown.communes)
    assert sum(line.population for line in lines) == shown.communes["population"].sum()
    assert sum(line.besoin_h or 0 for line in lines) == shown.communes["besoin_h"].sum()
    for status in STATUTS:
        counted = sum(line.communes for line in lines if line.statut == status)
        assert counted == (shown.communes["statut"] == status).sum()


def test_what_no_class_is_known_of_has_no_hours() -> None:
    missing = [line for line in status_lines(ground().shown()) if line.statut == "donnee_manquante"]
    assert [line.besoin_h for line in missing] == [None]
    blank = compute(make_study([post("A")], [perimeter("A", "01001")]), grid_territory(2))
    assert figures(Ground(blank)).besoin_h is None
    assert [line.deficit_h for line in region_lines(Ground(blank))] == [None]


def test_regions_add_up_to_the_study() -> None:
    whole, lines = figures(ground()), region_lines(ground())
    assert sum(line.communes for line in lines) == whole.communes
    assert sum(line.population for line in lines) == whole.population
    assert sum(line.besoin_h or 0 for line in lines) == whole.besoin_h
    assert sum(line.zones_retenues for line in lines) == whole.zones_retenues
    for line in lines:
        assert sum(line.population_par_motif.values()) == line.population
        assert sum(line.communes_par_statut.values()) == line.communes


def test_a_region_limits_every_figure() -> None:
    own = figures(ground(), "84")
    assert own.communes == (ground().coverage.communes["region"] == "84").sum()
    assert own.besoin_h == figures(limited()).besoin_h
    assert [line.region for line in region_lines(ground(), "84")] == ["84"]
    assert set(departements(ground(), "84")) == {"01"}


def test_the_check_is_the_flow_of_everything_filed() -> None:
    for own in (ground(), limited()):
        found = check(own.coverage)
        assert found.servi_h == found.flot_maximum_h == own.coverage.communes["servi_h"].sum()
        assert found.besoin_h == own.coverage.communes["besoin_h"].sum()
        assert found.besoin_etat_h == own.coverage.communes["besoin_etat_h"].sum()


def test_what_is_unknown_is_listed_with_its_extent() -> None:
    found = {line.objet: line for line in unknowns(ground())}
    assert found["Communes sans aucun besoin connu"].nombre == 6
    assert found["Communes sans contour"].nombre == 1
    assert found["Lacunes du fond de carte"].nombre == 1
    assert found["Grands projets"].nombre is None
    for line in class_knowledge(ground()):
        assert line.communes_connues + line.communes_inconnues == 18
        assert (line.besoin_h is None) == (line.communes_connues == 0)


@pytest.mark.parametrize("status", STATUTS)
def test_communes_of_a_status(status: str) -> None:
    frame = ground().coverage.communes
    chosen = chosen_communes(ground(), CommuneQuery(statut=status))
    assert set(chosen.index) == set(frame.index[frame["statut"] == status])


def test_communes_of_a_zone_and_of_a_structure() -> None:
    for zone, units in ground().coverage.zone_units.items():
        chosen = chosen_communes(ground(), CommuneQuery(zone=zone))
        assert set(chosen.index) == set(ground().coverage.territory.codes[units])
    chosen = chosen_communes(ground(), CommuneQuery(structure="B"))
    assert set(chosen.index) == {f"0100{number}" for number in (2, 3, 5, 6, 8, 9)}
    with pytest.raises(UnknownCodeError, match="aucune zone « x »"):
        chosen_communes(ground(), CommuneQuery(zone="x"))
    with pytest.raises(UnknownCodeError, match="aucune structure « x »"):
        chosen_communes(ground(), CommuneQuery(structure="x"))


def test_orders_put_what_has_no_value_last() -> None:
    for order in ("besoin", "-besoin", "taux", "-taux"):
        codes = list(chosen_communes(ground(), CommuneQuery(tri=order)).index)
        unknown = ground().coverage.communes.loc[codes, "taux_reponse"].isna().tolist()
        blank = (ground().coverage.communes.loc[codes, "besoin_connu"] == "aucun").tolist()
        tail = unknown if "taux" in order else blank
        assert tail == sorted(tail)
    up = chosen_communes(ground(), CommuneQuery(tri="besoin"))
    known = up[up["besoin_connu"] != "aucun"]["besoin_h"].tolist()
    assert known == sorted(known)


def test_zones_chosen() -> None:
    frame = ground().coverage.zones
    for kept, mask in (
        ("oui", frame["retenue"]),
        ("a_documenter", frame["en_attente"]),
        ("non", ~frame["retenue"] & ~frame["en_attente"]),
    ):
        chosen = chosen_zones(ground(), ZoneQuery(retenue=kept))
        assert set(chosen.index) == set(frame.index[mask.astype(bool)])
    assert set(chosen_zones(ground(), ZoneQuery(departement="02"))["region"]) == {"32"}
    found = chosen_zones(ground(), ZoneQuery(q="saint etienne d’œuf"))
    assert list(found.index) == [ground().coverage.communes.loc["02001", "zone_id"]]
    assert chosen_zones(ground(), ZoneQuery(), "84")["region"].eq("84").all()


def test_structures_chosen() -> None:
    names = [line.structure_id for line in structure_lines(ground(), StructureQuery())]
    assert sorted(names) == ["A", "B", "C"]
    most = structure_lines(ground(), StructureQuery(tri="-capacite"))
    assert [line.capacite_h for line in most] == [70_000, 35_000, 17_500]
    assert [line.structure_id for line in structure_lines(ground(), StructureQuery(q="PLIE"))] == [
        "C"
    ]
    assert [line.structure_id for line in structure_lines(ground(), StructureQuery(), "32")] == [
        "C"
    ]


def test_places_are_found_as_people_write_them() -> None:
    territory = grid_territory(
        4,
        codes=("75101", "75102", "93066", "97411"),
        cities={"75056": ("75101", "75102")},
        former={"93059": "93066"},
    )
    units = territory.units.copy()
    units["name"] = ["Paris 1er", "Paris 2e", "Saint-Denis", "Saint-Denis"]
    names = dict(territory.names)
    names["commune"] = {**names["commune"], "75056": "Paris", "93059": "Pierrefitte"}
    territory = replace(territory, units=units, names=names)
    index = NameIndex.of(territory)

    def found(text: str) -> list[str]:
        return [str(code) for code in territory.codes[search(territory, index, text)]]

    assert found("paris") == found("75056") == ["75101", "75102"]
    assert found("93059") == found("Pierrefitte") == ["93066"]
    assert found("st denis") == ["93066", "97411"]
    assert found("SAINT-DENIS (93)") == ["93066"]
    assert found("974") == ["97411"]
    assert found("zzz") == found("  ") == found("(") == []


def test_parameters_say_what_the_study_changes() -> None:
    study = make_study([post("A")], [perimeter("A", "01001")], seuil_besoin_h=100)
    lines = parameter_facts(compute(study, grid_territory(2)))
    changed = [line for line in lines if line.modifie]
    assert [line.nom for line in changed] == ["seuil_besoin_h"]
    assert changed[0].valeur != changed[0].defaut


def test_provenance_and_anomalies_are_whole() -> None:
    study = make_study([post("A")], [perimeter("A", "01001")], [need("01001", 9.0, annee=1999)])
    own = Ground(compute(study, grid_territory(2)))
    found = provenance_facts(own.coverage)
    assert [line.nom for line in found.sources] == ["Carrés"]
    anomalies = anomaly_facts(own)
    assert len(anomalies) == len(own.coverage.anomalies)
    assert [line.heures for line in anomalies if "1999" in line.constat] == [9]
