"""Rows of several dossiers merged: naive references, closed forms, every contradiction a fault."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from builders import make_study
from hypothesis import given
from hypothesis import strategies as st
from region_studies import application, without_person
from small_studies import few

from data.collect.model import Row
from data.consolidate.dossiers import labelled, slug
from data.consolidate.filed import kept
from data.consolidate.identities import Kind, final_names
from data.consolidate.model import Dossier
from data.consolidate.opinions import merge_opinions
from data.consolidate.posts import merge_posts
from data.consolidate.structures import match_structures, merge_structures
from data.consolidate.tables import merge_rows
from data.study.folder import StudyFolder
from data.study.proposal_tables import AVIS_DEPOSES
from data.study.sources_tables import MARCHES
from data.study.tables import BESOINS, PERIMETRES, POSTES, STRUCTURES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from data.consolidate.model import Merged
    from data.study.tables import Table

Cells = dict[str, str]


def rows(table: Table, *given: Mapping[str, str]) -> list[Row]:
    defaults = {column.name: column.default for column in table.columns}
    return [
        Row(table.file, line, {**defaults, **cells}) for line, cells in enumerate(given, start=2)
    ]


def dossier(label: str, *structures: Mapping[str, str]) -> Dossier:
    files = StudyFolder(None, {}, {}, None, ())
    filed = {STRUCTURES.name: rows(STRUCTURES, *structures)}
    return Dossier(label, label, Path(label), files, make_study([], []), {}, filed)


def filed(table: Table, **dossiers: Sequence[Mapping[str, str]]) -> dict[str, list[Row]]:
    return {label: rows(table, *given) for label, given in dossiers.items()}


def balanced(merged: Merged) -> None:
    for counts in merged.balance.values():
        assert counts["lues"] == counts["gardees"] + counts["doublons"]
    kept = sum(counts["gardees"] for counts in merged.balance.values())
    assert kept == len(merged.rows)


needs = st.lists(
    st.builds(
        lambda commune, hours, source: {
            "commune": commune,
            "donneur_ordre": "etat",
            "heures": hours,
            "source": source,
        },
        st.sampled_from(["01004", "01033"]),
        st.sampled_from(["1", "2"]),
        st.sampled_from(["", "siae"]),
    ),
    max_size=4,
    unique_by=lambda cells: (cells["commune"], cells["source"]),
)


@few
@given(st.lists(needs, min_size=1, max_size=4))
def test_needs_merge_as_a_dictionary_would(given: list[list[Cells]]) -> None:
    dossiers = {f"d{number}": rows(BESOINS, *each) for number, each in enumerate(given)}
    merged = merge_rows(BESOINS, dossiers)
    expected: dict[tuple[str, str], set[str]] = {}
    for each in chain.from_iterable(given):
        expected.setdefault((each["commune"], each["source"]), set()).add(each["heures"])
    contradicted = {key for key, hours in expected.items() if len(hours) > 1}
    assert bool(merged.part.findings.faults) == bool(contradicted)
    kept = [(row["commune"], row["source"]) for row in merged.rows]
    assert sorted(kept) == sorted(expected)
    balanced(merged)


def test_a_contradiction_names_both_places_and_values() -> None:
    both = filed(
        PERIMETRES,
        un=[{"structure_id": "A", "niveau": "commune", "code": "01004", "nature": "principal"}],
        deux=[{"structure_id": "A", "niveau": "commune", "code": "01004", "nature": "extension"}],
    )
    (notice,) = merge_rows(PERIMETRES, both).part.findings.faults
    assert (notice.file, notice.row, notice.column) == ("deux/perimetres.csv", 2, "nature")
    assert notice.message == (
        "deux dossiers se contredisent : nature « extension » ici ; nature « principal » dans "
        "un/perimetres.csv, ligne 2"
    )


def test_rows_repeated_within_a_dossier_stay_so() -> None:
    twice = [{"structure_id": "A", "niveau": "commune", "code": "01004"}] * 2
    alone = merge_rows(PERIMETRES, filed(PERIMETRES, un=twice))
    assert len(alone.rows) == 2
    shared = merge_rows(PERIMETRES, filed(PERIMETRES, un=twice, deux=twice))
    assert len(shared.rows) == 2
    for order in ({"un": twice, "deux": twice[:1]}, {"un": twice[:1], "deux": twice}):
        merged = merge_rows(PERIMETRES, filed(PERIMETRES, **order))
        assert len(merged.rows) == 2
        assert not merged.part.findings.faults
        balanced(merged)
    more = [*twice, {**twice[0], "nature": "extension"}]
    assert merge_rows(PERIMETRES, filed(PERIMETRES, un=twice, deux=more)).part.findings.faults


def test_needs_under_two_sources_add_up_and_are_told() -> None:
    one = {"commune": "01004", "donneur_ordre": "etat", "heures": "1", "source": "dreets"}
    merged = merge_rows(BESOINS, filed(BESOINS, un=[one], deux=[{**one, "source": "siae"}]))
    assert len(merged.rows) == 2
    (line,) = [line for line in merged.part.told if line.nature == "cumul"]
    assert (line.subject, line.dossiers) == ("01004", ("deux", "un"))
    assert "1 valeur donnée par plusieurs dossiers" in line.found


def test_contracts_without_buyer_are_compared_to_none() -> None:
    one = {"marche_id": "1", "montant_eur": "1", "objet": "a"}
    nobody = merge_rows(MARCHES, filed(MARCHES, un=[one], deux=[{**one, "objet": "b"}]))
    assert len(nobody.rows) == 2
    assert not nobody.part.findings.faults
    bought = {**one, "acheteur_siret": "35600000000048"}
    known = merge_rows(MARCHES, filed(MARCHES, un=[bought], deux=[{**bought, "objet": "b"}]))
    assert known.part.findings.faults


posts = st.lists(
    st.builds(
        lambda name, etp: {"poste_id": name, "structure_id": "A", "volet": "v", "etp": etp},
        st.sampled_from(["", "", "P1", "P2"]),
        st.sampled_from(["1", "0,5"]),
    ),
    max_size=4,
)


def unique_ids(given: list[Cells]) -> list[Cells]:
    """Posts whose identifiers are unique and say the same in every dossier."""
    etp_of = {"P1": "1", "P2": "0,5"}
    seen: set[str] = set()
    kept = []
    for cells in given:
        name = cells["poste_id"]
        if name not in seen:
            kept.append({**cells, "etp": etp_of.get(name, cells["etp"])})
        seen |= {name} - {""}
    return kept


@few
@given(st.lists(posts.map(unique_ids), min_size=1, max_size=3))
def test_posts_are_at_least_those_of_each_dossier_and_no_more_than_needed(
    given: list[list[Cells]],
) -> None:
    dossiers = {f"d{number}": rows(POSTES, *each) for number, each in enumerate(given)}
    merged = merge_posts(dossiers)
    balanced(merged)
    kept = Counter(row["etp"] for row in merged.rows)
    own = [Counter(cells["etp"] for cells in each) for each in given]
    names = {cells["poste_id"]: cells["etp"] for each in given for cells in each}
    named = Counter(etp for name, etp in names.items() if name)
    for etp in ("1", "0,5"):
        # A naive reference: nobody's post is lost; two dossiers never count one post twice.
        least = max((each[etp] for each in own), default=0)
        assert kept[etp] >= max(least, named[etp])
        anonymous = [sum(c["etp"] == etp and not c["poste_id"] for c in each) for each in given]
        assert kept[etp] <= named[etp] + max(anonymous, default=0)
    assert {row["poste_id"] for row in merged.rows} - {""} == set(names) - {""}
    if len(given) == 1:
        assert kept == own[0]
        assert not merged.part.findings.faults


def test_posts_without_identifier_that_two_dossiers_tell_differently_are_a_fault() -> None:
    one = [{"structure_id": "A", "volet": "facilitateur", "etp": "1"}]
    halves = [{"structure_id": "A", "volet": "facilitateur", "etp": "0,5"}] * 2
    (notice,) = merge_posts(filed(POSTES, un=one, deux=halves)).part.findings.faults
    assert notice.file == "deux/postes.csv"
    assert "compteraient peut-être deux fois" in notice.message
    assert not merge_posts(filed(POSTES, un=one, deux=[*one, *halves])).part.findings.faults
    other = [{**one[0], "structure_id": "B"}]
    assert not merge_posts(filed(POSTES, un=other, deux=halves)).part.findings.faults


def test_a_post_named_in_one_dossier_is_not_counted_again_without_name() -> None:
    bare = {"structure_id": "A", "volet": "facilitateur", "etp": "1"}
    merged = merge_posts(filed(POSTES, un=[{**bare, "poste_id": "P1"}], deux=[bare, bare]))
    assert [row["poste_id"] for row in merged.rows] == ["", "P1"]


def test_a_post_that_two_dossiers_describe_differently_is_a_fault() -> None:
    one = {"poste_id": "P1", "structure_id": "A", "volet": "facilitateur", "etp": "1"}
    merged = merge_posts(filed(POSTES, un=[one], deux=[{**one, "etp": "2"}]))
    assert [notice.column for notice in merged.part.findings.faults] == ["etp"]


SIRET, OTHER = "35600000000048", "21590350100017"


@pytest.mark.parametrize(
    ("one", "other", "names"),
    [
        # same identifier, same SIRET, whatever the names
        ({"siret": SIRET, "nom": "X"}, {"siret": SIRET, "nom": "Y"}, {"s"}),
        # same identifier and name, a SIRET missing; accents and case aside
        ({"siret": SIRET, "nom": "Été"}, {"nom": "ete"}, {"s"}),
        # same identifier and name, two SIRET: two structures
        ({"siret": SIRET, "nom": "X"}, {"siret": OTHER, "nom": "X"}, {"un-s", "deux-s"}),
        # same identifier, other names
        ({"nom": "X"}, {"nom": "Y"}, {"un-s", "deux-s"}),
        # same SIRET, other identifiers
        ({"siret": SIRET, "nom": "X"}, {"structure_id": "t", "siret": SIRET, "nom": "X"}, {"s"}),
        # same name, other identifiers: not enough
        ({"nom": "X"}, {"structure_id": "t", "nom": "X"}, {"s", "t"}),
    ],
)
def test_which_structures_are_one(one: Cells, other: Cells, names: set[str]) -> None:
    both = [
        dossier("un", {"structure_id": "s"} | one),
        dossier("deux", {"structure_id": "s"} | other),
    ]
    found, part = match_structures(both)
    assert set(found.values()) == names
    assert not part.findings.faults


def test_structures_that_would_be_two_of_one_dossier_are_a_fault() -> None:
    one = dossier(
        "un", {"structure_id": "s", "nom": "X", "siret": SIRET}, {"structure_id": "t", "nom": "X"}
    )
    other = dossier("deux", {"structure_id": "t", "nom": "X", "siret": SIRET})
    assert match_structures([one, other])[1].findings.faults
    between = dossier("trois", {"structure_id": "u", "nom": "X"})
    sides = [
        dossier("un", {"structure_id": "u", "nom": "X", "siret": SIRET}),
        dossier("deux", {"structure_id": "u", "nom": "X", "siret": OTHER}),
    ]
    assert match_structures([*sides, between])[1].findings.faults


def test_a_siret_given_twice_in_a_dossier_brings_nobody_together() -> None:
    antennas = [{"structure_id": name, "nom": name, "siret": SIRET} for name in ("a", "b")]
    one, other = dossier("un", *antennas), dossier("deux", {**antennas[0], "structure_id": "c"})
    names, part = match_structures([one, other])
    assert set(names.values()) == {"a", "b", "c"}
    assert [line.nature for line in part.told] == ["cumul"]
    assert set(match_structures([one, dossier("deux", *antennas)])[0].values()) == {"a", "b"}


def test_cells_complete_one_another_and_never_contradict() -> None:
    one = dossier("un", {"structure_id": "s", "nom": "X", "heures_par_etp": "32000"})
    other = dossier("deux", {"structure_id": "s", "nom": "x ", "siret": SIRET})
    merged = merge_structures([one, other], match_structures([one, other])[0])
    assert merged.rows[0]["heures_par_etp"] == "32000"
    assert merged.rows[0]["siret"] == SIRET
    assert Counter(line.nature for line in merged.part.told) == {"doublon": 1, "complement": 2}
    third = dossier("trois", {"structure_id": "s", "nom": "X", "heures_par_etp": "40000"})
    three = [one, other, third]
    (notice,) = merge_structures(three, match_structures(three)[0]).part.findings.faults
    assert (notice.file, notice.column) == ("trois/structures.csv", "heures_par_etp")
    assert "« 40000 » ici, « 32000 » dans un/structures.csv, ligne 2" in notice.message


def test_new_names_are_free_and_favour_nobody() -> None:
    groups = [[("a", "s")], [("b", "s"), ("c", "s")], [("b", "a-s")]]
    prefixes = {"a": "a", "b": "b", "c": "c"}
    names, told = final_names(groups, prefixes, Kind("structures", "une autre structure"))
    assert names == {
        ("a", "s"): "a-s-2",
        ("b", "s"): "b-s",
        ("c", "s"): "b-s",
        ("b", "a-s"): "a-s",
    }
    assert [line.outcome.split("»")[0] for line in told] == ["renommé « a-s-2 ", "renommé « b-s "]


def test_contrary_opinions_of_a_day_are_a_fault_and_others_are_told() -> None:
    one = {"structure_id": "A", "instance": "dreets", "date": "01/06/2023", "avis": "favorable"}
    other = {**one, "avis": "refuse", "motif": "non"}
    (notice,) = merge_opinions(filed(AVIS_DEPOSES, un=[one], deux=[other])).part.findings.faults
    assert notice.message == (
        "avis « refuse » contraire à « favorable » dans un/avis.csv, ligne 2 : même instance "
        "(dreets), même date, même objet"
    )
    later = {**other, "date": "02/06/2023"}
    merged = merge_opinions(filed(AVIS_DEPOSES, un=[one], deux=[later]))
    assert len(merged.rows) == 2
    assert [line.nature for line in merged.part.told] == ["avis"]
    assert not merged.part.findings.faults
    same = merge_opinions(filed(AVIS_DEPOSES, un=[one], deux=[one]))
    assert [line.nature for line in same.part.told] == ["doublon"]


def test_only_the_structure_of_the_bearer_changes_in_an_application() -> None:
    filed_text = application("plie").encode()
    assert kept(filed_text, "11-plie").content == without_person(application("11-plie")).encode()
    dotted = b"porteur.nom = \"x\"\nporteur.structure_id = 'plie' # ici\n"
    renamed = kept(dotted, "a")
    assert renamed.content == b'porteur.nom = "x"\nporteur.structure_id = "a" # ici\n'
    assert not renamed.rewritten
    inline = kept(b'porteur = { structure_id = "plie" } # perdu\n', 'a"b')
    assert inline.content == b'\n[porteur]\nstructure_id = "a\\"b"\n'
    assert inline.rewritten


def test_labels_tell_folders_apart(tmp_path: Path) -> None:
    paths = [tmp_path / "a" / "etude", tmp_path / "b" / "etude", tmp_path / "c"]
    assert list(labelled([*paths, *paths])) == ["a/etude", "b/etude", "c"]
    assert slug("Île-de-France 2023 !") == "ile-de-france-2023"
    assert slug("…") == "dossier"
