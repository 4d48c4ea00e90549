"""Facts say what the coverage says: counts in are counts out, and sums re-add."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import pytest
from builders import grid_territory, make_study, need, perimeter, post
from fake_coverage import CUT, MIXED, NO_NEED, UNKNOWN_NEED, drawn_coverage, fake_coverage

from api.facts.certificates import certificate_facts
from api.facts.communes import commune_facts, commune_line
from api.facts.ground import Ground
from api.facts.rates import answered, mean
from api.facts.structures import structure_facts, structure_ids, structure_line
from api.facts.values import amount, known_hours, rate
from api.facts.zones import zone_facts, zone_line
from coverage.palette import STYLES
from coverage.parameters import CLASSES
from coverage.study import compute
from geo.errors import UnknownCodeError

GREEN = {"couverte", "couverte_mixte"}


@cache
def ground(name: str) -> Ground:
    makers = {
        "complete": fake_coverage,
        "dessinee": drawn_coverage,
        "limitee": lambda: fake_coverage(regions=("84",)),
    }
    return Ground(makers[name]())


@pytest.mark.parametrize("name", ["complete", "dessinee"])
def test_the_lines_of_a_rate_re_add_to_it(name: str) -> None:
    own = ground(name)
    for unit, row in enumerate(own.coverage.communes.itertuples()):
        for flow, expected in (("total", row.taux_reponse), ("etat", row.taux_reponse_etat)):
            assert mean(answered(own, own.atoms_of(unit), flow)) == expected, row.Index


@pytest.mark.parametrize("name", ["complete", "dessinee"])
def test_parts_are_those_of_the_coverage(name: str) -> None:
    own = ground(name)
    for code, row in own.coverage.communes.iterrows():
        facts = commune_facts(own, str(code))
        shown = [part for part in facts.parties if part.montree]
        assert [part.statut for part in shown] == [row["statut"]]
        assert [part.zone_id for part in shown] == [row["zone_id"]]
        assert sum(Fraction(part.part) for part in facts.parties) == pytest.approx(1)
        assert sum(part.besoin_h or 0 for part in facts.parties) == row["besoin_h"]
        for part in facts.parties:
            held = [rule for rule in part.regles if rule.resultat == "vraie"]
            assert [rule.statut for rule in held] == [part.statut]
            before = [rule.resultat for rule in part.regles[: held[0].rang - 1]]
            assert set(before) <= {"fausse"}


@pytest.mark.parametrize("name", ["complete", "dessinee"])
def test_needs_holders_and_certificates_of_communes(name: str) -> None:
    own = ground(name)
    for code, row in own.coverage.communes.iterrows():
        facts = commune_facts(own, str(code))
        assert sum(line.heures for line in facts.besoins) == row["besoin_h"]
        assert sorted({holder.structure_id for holder in facts.couvertures}) == list(
            row["structures"]
        )
        assert all(holder.perimetres for holder in facts.couvertures)
        assert all(not line.compte and line.pourquoi for line in facts.perimetres_ecartes)
        expected = {
            found.certificate_id
            for found in own.coverage.certificates.values()
            if any(place.partition("-")[0] == code for place, _, _ in found.places)
        }
        assert {found.certificat_id for found in facts.certificats} == expected


@pytest.mark.parametrize("name", ["complete", "dessinee"])
def test_certificates_re_add_by_hand(name: str) -> None:
    own = ground(name)
    for identifier in own.coverage.certificates:
        facts = certificate_facts(own, identifier)
        assert sum(line.heures for line in facts.lieux) == facts.somme[0].besoin_h
        assert sum(line.capacite_h for line in facts.structures) == facts.somme[0].capacite_h
        assert sum(line.besoin_h for line in facts.somme) == facts.besoin_h
        assert sum(line.capacite_h for line in facts.somme) == facts.capacite_h
        assert facts.deficit_h == facts.besoin_h - facts.capacite_h > 0
        others = [certificate_facts(own, line.certificat_id) for line in facts.somme[1:]]
        assert facts.besoin_h == sum(
            line.heures for found in (facts, *others) for line in found.lieux
        )


def test_a_certificate_adds_the_poorer_groups_it_stands_on() -> None:
    study = make_study(
        [post("S", 1), post("T", "1/2")],
        [perimeter("S", "01001"), perimeter("S", "01002"), perimeter("T", "01002")],
        [need("01001", 100_000), need("01002", 20_000)],
    )
    own = Ground(compute(study, grid_territory(2)))
    facts = certificate_facts(own, "TX-01002-collectivites")
    assert [(line.besoin_h, line.capacite_h) for line in facts.somme] == [
        (20_000, 17_500),
        (100_000, 35_000),
    ]
    assert (facts.besoin_h, facts.capacite_h, facts.deficit_h) == (120_000, 52_500, 67_500)
    assert facts.taux_groupe.fraction == "7/8"


def test_unknown_is_never_zero_nor_green() -> None:
    own = ground("complete")
    line = commune_line(UNKNOWN_NEED, own.coverage.communes.loc[UNKNOWN_NEED])
    unknown = commune_facts(own, "02002")
    assert (line.besoin_h, line.servi_h, line.besoin_etat_h) == (None, None, None)
    assert (unknown.besoin_h, unknown.servi_h) == (None, None)
    assert unknown.taux.valeur is None
    assert unknown.taux.texte == "inconnu"
    for code, row in own.coverage.communes.iterrows():
        found = commune_line(code, row)
        if found.classes_inconnues:
            assert found.motif_legende not in GREEN
        if found.taux.valeur is not None and found.classes_inconnues:
            assert "du besoin connu" in found.taux.texte


def test_no_need_is_told_apart_from_unknown() -> None:
    line = commune_line(NO_NEED, ground("complete").coverage.communes.loc[NO_NEED])
    assert line.besoin_h == 0
    assert (line.taux.valeur, line.taux.absence) == (None, "sans_objet")


def test_a_mixed_commune_is_striped_and_its_parts_told() -> None:
    own = ground("complete")
    assert commune_line(MIXED, own.coverage.communes.loc[MIXED]).motif_legende == "couverte_mixte"
    cut = commune_facts(ground("dessinee"), CUT)
    assert len(cut.parties) == 2
    assert {part.lieu for part in cut.parties} == {f"{CUT}-a1", f"{CUT}-a2"}


def test_filed_perimeters_that_do_not_cover_say_why() -> None:
    aside = commune_facts(ground("dessinee"), "01001").perimetres_ecartes
    reasons = {line.structure_id: line.pourquoi for line in aside}
    assert reasons["B"] == "état « contesté » : il n’est pas compté"
    assert reasons["Without post"] == "aucun poste de facilitateur en activité en 2023"


def test_a_commune_outside_the_regions_shown_is_not_answered() -> None:
    with pytest.raises(UnknownCodeError, match="n’est pas des régions que cette étude montre"):
        commune_facts(ground("limitee"), "02001")
    with pytest.raises(UnknownCodeError, match="inconnu au niveau"):
        commune_facts(ground("limitee"), "99999")


def test_an_old_code_is_told_with_the_new_one() -> None:
    territory = grid_territory(2, former={"01099": "01001"})
    own = Ground(compute(make_study([post("A")], [perimeter("A", "01001")]), territory))
    with pytest.raises(
        UnknownCodeError, match="« 01099 » n’est plus un code de commune : demander « 01001 »"
    ):
        commune_facts(own, "01099")


@pytest.mark.parametrize("name", ["complete", "dessinee"])
def test_zone_lines_say_the_zones(name: str) -> None:
    own = ground(name)
    for zone, row in own.coverage.zones.iterrows():
        line = zone_line(own, str(zone), row)
        facts = zone_facts(own, str(zone))
        assert line.communes == len(facts.communes_codes) == len(row["communes"])
        assert line.population == row["population"]
        if line.besoin_h is not None:
            assert sum(part.heures for part in facts.besoin_par_classe) == line.besoin_h
            assert sum(part.besoin_h for part in facts.par_departement) == line.besoin_h
            assert sum(part.deficit_h for part in facts.par_epci) == line.deficit_h
        assert (line.retenue and facts.decision.startswith("Retenue")) or not line.retenue
        if line.besoin_partiel:
            assert line.motif_legende not in GREEN


def test_a_zone_of_unknown_need_has_no_figure() -> None:
    own = ground("complete")
    blank = [
        zone_line(own, str(zone), row)
        for zone, row in own.coverage.zones.iterrows()
        if row["statut"] == "donnee_manquante"
    ]
    assert blank
    for line in blank:
        assert line.besoin_h is line.deficit_h is line.etp_manquants is None


def test_capacities_of_structures_are_those_of_the_flow() -> None:
    for name in ("complete", "dessinee"):
        own = ground(name)
        lines = [structure_line(own, structure) for structure in structure_ids(own)]
        assert sum(line.capacite_h for line in lines) == own.coverage.totals["capacite_h"]


def test_the_hours_of_posts_are_the_capacity() -> None:
    study = make_study(
        [
            post("A", "1/3", financement="aap_2023"),
            post("A", "1.07"),
            post("A", 1, classes=("etat",)),
            post("A", 2, volet="coordinateur"),
        ],
        [perimeter("A", "01001"), perimeter("A", "01002", volet="coordinateur")],
        [need("01001", 1000)],
    )
    facts = structure_facts(Ground(compute(study, grid_territory(2))), "A")
    exact = [Fraction(line.heures.fraction) for line in facts.postes]
    assert exact == [Fraction(35_000, 6), Fraction(37_450), 35_000, 0]
    assert [line.heures for line in facts.capacites] == [35_000, int(exact[0] + exact[1])]
    assert facts.postes[3].calcul == ""
    assert [line.perimetre for line in facts.perimetres] == [0, 1]
    assert [line.compte for line in facts.perimetres] == [True, False]


def test_a_structure_tells_what_it_reaches() -> None:
    own = ground("complete")
    facts = structure_facts(own, "B")
    assert len(facts.communes_atteintes) == facts.communes == 6
    assert sum(line.communes for line in facts.par_statut) == 6
    assert facts.communes_atteintes["01003"] == "extension"
    reached = own.coverage.communes.loc[list(facts.communes_atteintes), "besoin_h"].sum()
    assert facts.besoin_atteint_h == reached


def test_exact_values_keep_their_fraction_and_round_down() -> None:
    found = rate(Fraction(34_999_999, 35_000_000))
    assert (found.valeur, found.fraction) == ("0.999999", "34999999/35000000")
    assert found.texte == "99,9\u202f%"
    assert amount(Fraction(1, 1000)).texte == "moins de 0,01"
    assert known_hours(0, unknown=CLASSES) is None
    assert known_hours(0, unknown=CLASSES[1:]) == 0


def test_every_pattern_named_is_in_the_legend() -> None:
    keys = {style.key for style in STYLES}
    own = ground("complete")
    for code, row in own.coverage.communes.iterrows():
        assert commune_line(code, row).motif_legende.removesuffix("_mixte") in keys
