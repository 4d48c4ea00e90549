"""Names in place of codes: read when they mean one place only, told, and never guessed."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from builders import seeded
from effort import tried
from toy import STUDY, toy_territory, write_study

from data.study.cells import Refusal
from data.study.place_names import PlaceNames, fold_words, looks_like_name
from data.study.reader import read_study
from geo.errors import InputErrors

if TYPE_CHECKING:
    from pathlib import Path

    from geo.territory import Territory

TOY = toy_territory()
NAMED = {
    "epci": {
        "240100883": "CA Melun Val de Seine",
        "240100891": "CC des Quatre Rivières",
        "242010056": "CU Quatre Rivières",
        "200054781": "Métropole du Grand Paris",
        "249710062": "CC du Cordais (4 C)",
    },
    "departement": {
        "01": "Ain",
        "2A": "Corse-du-Sud",
        "93": "Seine-Saint-Denis",
        "974": "La Réunion",
    },
    "region": {"11": "Île-de-France", "04": "La Réunion", "84": "Auvergne-Rhône-Alpes"},
    "arrondissement": {"011": "Belley", "75101": "Paris 1er Arrondissement"},
    "ept": {"200057867": "Plaine Commune"},
}


def named_territory() -> Territory:
    """Return the toy territory under names of the kind that the reference gives."""
    members = {
        **TOY.members,
        "commune": {**TOY.members["commune"], "01005": np.array([1], np.int32)},
    }
    communes = {**TOY.names["commune"], "01005": "Saint-Denis", "97101": "Les Abymes"}
    names = {level: {**TOY.names[level], **NAMED.get(level, {})} for level in TOY.names}
    return replace(TOY, members=members, names={**names, "commune": communes})


PLACES = PlaceNames(named_territory())

READ = [
    ("epci", "CA Melun Val de Seine", "240100883"),
    ("epci", "Communauté d'agglomération Melun Val de Seine", "240100883"),
    ("epci", "communauté d’agglomération de Melun Val-de-Seine", "240100883"),
    ("epci", "melun val-de-seine", "240100883"),
    ("epci", "CC Quatre Rivières", "240100891"),
    ("epci", "Communauté urbaine des Quatre Rivières", "242010056"),
    ("epci", "Grand Paris", "200054781"),
    ("epci", "CC du Cordais (4 C)", "249710062"),
    ("departement", "01 - Ain", "01"),
    ("departement", "1 - Ain", "01"),
    ("departement", "Ain (01)", "01"),
    ("departement", "ain [01]", "01"),
    ("departement", "Corse du Sud - 2A", "2A"),
    ("departement", "Département de l’Ain", "01"),
    ("departement", "Réunion (La)", "974"),
    ("region", "Ile de France", "11"),
    ("region", "région Auvergne Rhône Alpes", "84"),
    ("region", "REUNION", "04"),
    ("arrondissement", "Paris 1er", "75101"),
    ("arrondissement", "Arrondissement de Belley", "011"),
    ("ept", "Établissement public territorial Plaine Commune", "200057867"),
    ("commune", "Amberieu en Bugey", "01004"),
    ("commune", "Abymes (Les)", "97101"),
    ("commune", "abymes", "97101"),
    ("commune", "Paris", "75056"),
    ("commune", "St Denis (93)", "93066"),
    ("commune", "Saint-Denis, 974", "97411"),
    ("commune", "93066 Saint-Denis", "93066"),
    ("commune", "Saint-Denis (La Réunion)", "97411"),
    ("commune", "Saint-Denis (Seine-Saint-Denis)", "93066"),
    ("commune", "Châtillon", "01091"),
]


@pytest.mark.parametrize(("niveau", "text", "code"), READ)
def test_writings_of_a_name_are_read(niveau: str, text: str, code: str) -> None:
    assert PLACES.read(niveau, text, propose=False) == code


REFUSED = [
    (
        "commune",
        "Saint-Denis",
        "désigne 3 lieux au niveau « commune » : 01005 (Saint-Denis, 01)",
        "(01) »",
    ),
    ("epci", "Quatre Rivières", "désigne 2 lieux", "« Quatre Rivières (01) »"),
    ("departement", "Ain (93)", "ne désignent pas le même lieu", "vouliez-vous dire 01 (Ain)"),
    ("commune", "Paris (13)", "ne désignent pas le même lieu", "75056 (Paris, 75)"),
    ("commune", "Ajaccio (20000)", "ne désignent pas le même lieu", "2A004 (Ajaccio, 2A)"),
    (
        "epci",
        "CC Melun Val de Seine",
        "inconnu au niveau « epci » (COG 2025)",
        "CA Melun Val de Seine",
    ),
    ("epci", "Melun", "inconnu", "vouliez-vous dire 240100883 (CA Melun Val de Seine, 01)"),
    ("commune", "Ambérieux-en-Bugey", "inconnu", "vouliez-vous dire 01004 (Ambérieu-en-Bugey, 01)"),
    ("commune", "Brest", "nom « Brest » inconnu", "Code officiel géographique 2025"),
]


@pytest.mark.parametrize(("niveau", "text", "message", "remedy"), REFUSED)
def test_nothing_is_guessed(niveau: str, text: str, message: str, remedy: str) -> None:
    refusal = PLACES.read(niveau, text, propose=True)
    assert isinstance(refusal, Refusal)
    assert message in refusal.message
    assert remedy in refusal.remedy


def test_five_places_are_listed_and_the_others_counted() -> None:
    names = dict.fromkeys(TOY.units.index, "Sainte-Colombe")
    many = replace(TOY, names={**TOY.names, "commune": {**TOY.names["commune"], **names}})
    refusal = PlaceNames(many).read("commune", "Ste Colombe", propose=False)
    assert isinstance(refusal, Refusal)
    assert refusal.message.count("Sainte-Colombe,") == 5
    assert refusal.message.endswith("et 4 autres")


def test_a_name_and_a_code_of_one_place_are_one_place() -> None:
    """A commune déléguée that bears the name of the commune that holds it is that commune."""
    names = {**TOY.names["commune"], "01091": "Valserhône"}
    places = PlaceNames(replace(TOY, names={**TOY.names, "commune": names}))
    assert places.read("commune", "valserhone", propose=False) == "01033"


def test_small_words() -> None:
    assert fold_words("L’Haÿ-les-Roses, Œuilly") == "l hay les roses oeuilly"
    assert fold_words("Paris 13ème arrondissement") == "paris 13"
    assert [looks_like_name(text) for text in ("X00001", "2.00E+08", "Y", "Ain")] == [
        False,
        False,
        True,
        True,
    ]


def test_names_in_a_study_are_read_and_said(tmp_path: Path) -> None:
    files = dict(STUDY)
    files["perimetres.csv"] = (
        "structure_id,niveau,code\nA,departement,Ain (01)\nA,epci,Grand Paris\nA,epci,Grand Paris\n"
        "B,commune,Châtillon\n"
    )
    files["besoins.csv"] = STUDY["besoins.csv"].replace("01004", "Ambérieu en Bugey")
    files["exhaustivite.csv"] = "donneur_ordre,source,region\netat,profil,île de france\n"
    study = read_study(write_study(tmp_path, files), PLACES.territory)
    assert study.perimeters["code"].tolist() == ["01", "200054781", "200054781", "01091"]
    assert study.exhaustiveness["region"].tolist() == ["11"]
    assert [(each.file, each.row, each.message) for each in study.warnings] == [
        ("besoins.csv", 2, "« Ambérieu en Bugey » compris comme 01004 (Ambérieu-en-Bugey)"),
        ("exhaustivite.csv", 2, "« île de france » compris comme 11 (Île-de-France)"),
        ("perimetres.csv", 2, "« Ain (01) » compris comme 01 (Ain)"),
        (
            "perimetres.csv",
            3,
            "« Grand Paris » compris comme 200054781 (Métropole du Grand Paris) (2 lignes)",
        ),
        (
            "perimetres.csv",
            5,
            "ancien code de commune 01091 (Châtillon) lu comme 01033 (Valserhône), entière",
        ),
        ("perimetres.csv", 5, "« Châtillon » compris comme 01091 (Châtillon)"),
    ]


def test_a_refused_name_is_told_on_each_of_its_lines(tmp_path: Path) -> None:
    rows = "A,commune,Saint-Denis\nA,commune,01004\nA,commune,Saint-Denis\n"
    files = {**STUDY, "perimetres.csv": f"structure_id,niveau,code\n{rows}"}
    with pytest.raises(InputErrors) as caught:
        read_study(write_study(tmp_path, files), PLACES.territory)
    assert [(fault.row, fault.column) for fault in caught.value.faults] == [
        (2, "code"),
        (4, "code"),
    ]


def test_places_of_france_are_found_by_their_names(france: Territory) -> None:
    places = PlaceNames(france)
    for niveau in ("epci", "ept", "arrondissement", "departement", "region"):
        for code, name in france.names[niveau].items():
            read = places.read(niveau, name, propose=False)
            assert read == code or (isinstance(read, Refusal) and code in read.message), name
    names = france.names["commune"]
    bearers = Counter(map(fold_words, names.values()))
    # Every commune that shares its name; of the others, some.
    alone = [code for code, name in names.items() if bearers[fold_words(name)] == 1]
    left_out = set(seeded(7).sample(alone, len(alone))[tried(5_000) :])
    for code in names.keys() - left_out:
        name = names[code]
        rows = france.members["commune"][code]
        departement = france.units["departement"].iloc[rows[0]]
        read = places.read("commune", f"{name} ({departement})", propose=False)
        assert isinstance(read, str), name
        assert np.array_equal(france.members["commune"][read], rows), name


def test_known_codes_are_never_looked_up_among_names(
    france: Territory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def looks_up(_self: PlaceNames, niveau: str, *_: object) -> None:
        pytest.fail(f"names of {niveau} laid out")

    for name in ("read", "_index"):
        monkeypatch.setattr(PlaceNames, name, looks_up)
    rows = "".join(f"{code},etat,1\n" for code in france.units.index)
    files = {**STUDY, "besoins.csv": f"commune,donneur_ordre,heures\n{rows}"}
    folder = write_study(tmp_path, files)
    assert len(read_study(folder, france).needs) == len(france)
