"""The map's file read as a report: its figures are those of the results, unknown is never 0."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from html import unescape
from typing import TYPE_CHECKING

import pytest
from builders import exhaustive
from fake_coverage import fake_coverage, fake_study, fake_territory

from api.facts.ground import Ground
from api.facts.unknowns import unknowns
from coverage.parameters import CLASSES, STATE_CLASSES
from coverage.selection import select_regions
from coverage.status import STATUTS
from coverage.study import compute
from coverage.wording import STATUS_NAMES, whole
from maps.map import build_map
from maps.numbers import posts

if TYPE_CHECKING:
    from coverage.model import Coverage

WHOLE, ONE = (), ("32",)


def study_with_unknowns() -> Coverage:
    """Return the usual study, the State's classes unknown in its first département too."""
    study = fake_study(fictional=True)
    other = [name for name in CLASSES if name not in STATE_CLASSES]
    known = [exhaustive(name, departement="01") for name in other]
    wanted = type(study.exhaustiveness)(known)
    return compute(replace(study, exhaustiveness=wanted), fake_territory())


def plain(markup: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", markup)).split())


def section(page: str) -> str:
    found = re.search(r'<section id="synthese".*?</section>', page, re.DOTALL)
    assert found
    return found[0]


def figures_of(page: str) -> dict[str, str]:
    pairs = re.findall(r"<dt>(.*?)</dt><dd>(.*?)(?: <small>.*?)?</dd>", section(page))
    return {label: value.replace("\u00a0", " ") for label, value in pairs}


def rows_of(page: str, caption: str) -> dict[str, list[str]]:
    """Return the cells of each row of a table, by its heading."""
    tables = re.findall(r"<table>(.*?)</table>", section(page), re.DOTALL)
    (table,) = (text for text in tables if plain(text).startswith(caption))
    body = table.partition("<tbody>")[2]
    return {
        plain(head): [unescape(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", cells)]
        for head, cells in re.findall(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', body)
    }


@pytest.mark.parametrize("regions", [WHOLE, ONE])
def test_key_figures_are_those_of_the_results(regions: tuple[str, ...]) -> None:
    coverage = fake_coverage(regions=regions)
    shown = select_regions(coverage)
    found, totals = figures_of(build_map(coverage)), shown.totals
    assert found["Communes"] == whole(totals["communes"])
    assert found["Habitants"] == whole(totals["population"])
    hours = {"Besoin connu, par an": "besoin_h", "dont État et ses opérateurs": "besoin_etat_h"}
    hours |= {"Servi au mieux": "servi_h", "Sans réponse au mieux": "deficit_h"}
    assert totals["deficit_h"]
    for label, name in hours.items():
        assert found[label] == f"{whole(totals[name])} h"
    sums = {
        "ETP manquants, zones retenues": "etp_manquants",
        "ETP de facilitateurs": "facilitateurs_etp",
        "ETP de coordinateurs": "coordinateurs_etp",
    }
    for label, name in sums.items():
        assert found[label] == posts(sum(shown.regions[name], Fraction(0)))


@pytest.mark.parametrize("regions", [WHOLE, ONE])
def test_statuses_are_those_of_the_results(regions: tuple[str, ...]) -> None:
    coverage = fake_coverage(regions=regions)
    totals = select_regions(coverage).totals
    rows = rows_of(build_map(coverage), "Communes, habitants et besoin par statut")
    assert list(rows)[: len(STATUTS)] == [STATUS_NAMES[status] for status in STATUTS]
    for status in STATUTS:
        communes, people, hours = rows[STATUS_NAMES[status]]
        assert communes == whole(totals["communes_par_statut"][status])
        assert people == whole(totals["population_par_statut"][status])
        if status == "donnee_manquante":
            assert hours == "inconnu"
        else:
            assert hours == whole(totals["besoin_par_statut_h"][status])


def test_regions_are_those_of_the_results_when_several_are_shown() -> None:
    coverage = fake_coverage()
    rows = rows_of(build_map(coverage), "Par région")
    assert len(rows) == len(coverage.regions) == 2
    for region in coverage.regions.to_dict("records"):
        assert rows[region["nom"]] == [
            posts(region["facilitateurs_etp"]),
            posts(region["coordinateurs_etp"]),
            whole(region["besoin_h"]),
            whole(region["deficit_h"]),
            *(whole(region[f"communes_{status}"]) for status in STATUTS),
            whole(region["zones_retenues"]),
            posts(region["etp_manquants"]),
        ]
    assert "Par région" not in section(build_map(fake_coverage(regions=ONE)))


def test_what_is_unknown_is_what_the_application_says() -> None:
    coverage = study_with_unknowns()
    rows = rows_of(build_map(coverage), "Ce que l’étude ne sait pas")
    said = {line.objet: line for line in unknowns(Ground(coverage))}
    for name in ("Communes sans aucun besoin connu", "Communes au besoin connu en partie"):
        line = said[name]
        assert rows[name][:2] == [whole(line.nombre or 0), whole(line.population or 0)]
    state = said["Communes où le besoin de l’État est inconnu, en tout ou partie"]
    (own,) = (cells for name, cells in rows.items() if name.startswith("Parmi elles"))
    assert own[:2] == [whole(state.nombre or 0), whole(state.population or 0)]


def test_what_suffices_for_the_known_need_alone_is_apart() -> None:
    study = fake_study()
    others = [exhaustive(name, departement="01") for name in CLASSES if name != "prives"]
    changed = replace(study, exhaustiveness=type(study.exhaustiveness)(others))
    coverage = compute(changed, fake_territory())
    count = coverage.totals["communes_couvertes_besoin_partiel"]
    own = coverage.communes.query("statut == 'couverte' and besoin_connu == 'partiel'")
    assert count == len(own) > 0
    page = build_map(coverage)
    rows = rows_of(page, "Communes, habitants et besoin par statut")
    (line,) = (cells for name, cells in rows.items() if name.startswith("dont"))
    assert line == [
        whole(count),
        whole(int(own["population"].sum())),
        whole(int(own["besoin_h"].sum())),
    ]
    assert "ne le sont que pour leur besoin connu" in section(page)
    assert "ne le sont que pour leur besoin connu" not in section(build_map(fake_coverage()))


def test_a_need_known_nowhere_is_never_zero() -> None:
    study = fake_study(regions=ONE)
    bare = replace(study, needs=study.needs.iloc[:0], exhaustiveness=study.exhaustiveness.iloc[:0])
    page = build_map(compute(bare, fake_territory()))
    found = figures_of(page)
    for label in ("Besoin connu, par an", "dont État et ses opérateurs", "Servi au mieux"):
        assert found[label] == "inconnu"
    assert found["Sans réponse au mieux"] == "inconnu"
    assert found["ETP manquants, zones retenues"] == "inconnu"
    rows = rows_of(page, "Communes, habitants et besoin par statut")
    assert {hours for communes, _, hours in rows.values() if communes != "0"} == {"inconnu"}


def test_a_state_need_known_nowhere_is_never_zero() -> None:
    study = fake_study()
    others = [exhaustive(name, departement="01") for name in CLASSES if name not in STATE_CLASSES]
    changed = replace(
        study,
        needs=study.needs.assign(donneur_ordre="bailleurs"),
        exhaustiveness=type(study.exhaustiveness)(others),
    )
    found = figures_of(build_map(compute(changed, fake_territory())))
    assert found["Besoin connu, par an"] not in {"inconnu", "0 h"}
    assert found["dont État et ses opérateurs"] == "inconnu"


def test_a_fictional_report_says_so_and_reads_in_order() -> None:
    page = build_map(fake_coverage(fictional=True))
    assert page.index("Étude fictive") < page.index('id="synthese"') < page.index('id="tableau"')
    assert 'href="#synthese"' in page
    assert re.findall(r"<h(\d)", section(page)) == ["2", "3"]
