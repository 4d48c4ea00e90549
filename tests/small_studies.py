"""Small studies over twelve squares, drawn by Hypothesis."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from builders import exhaustive, grid_territory, make_study, need, perimeter, post, structure
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from coverage.parameters import CLASSES, STATE_CLASSES

if TYPE_CHECKING:
    from coverage.model import Study

CODES = (
    *("01001", "01002", "69381", "2A001"),
    *("01003", "01004", "69382", "2A004"),
    *("01005", "01006", "69003", "2B006"),
)
SQUARES = grid_territory(
    4,
    3,
    codes=CODES,
    populations=(1000, 1100, 500, 701, 1300, -1, 250, 1700, 1800, 1900, 2000, 2100),
    epts={"200054781": ("01001", "01003")},
    cities={"69123": ("69381", "69382")},
    former={"01999": "01001"},
    without_geometry={"01006"},
)
HELD = [(niveau, code) for niveau, by_code in SQUARES.members.items() for code in by_code] + [
    ("commune", code) for code in CODES
]
STRUCTURES = ("S1", "S2", "S3", "S4", "S5")
SCOPES = (CLASSES, CLASSES, STATE_CLASSES, ("etat",), ("bailleurs", "prives"))
few = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@st.composite
def studies(draw: st.DrawFn, *, other_years: bool = True, regions: bool = True) -> Study:
    names = st.sampled_from(STRUCTURES)
    dates = st.sampled_from([None, None, None, date(2023, 1, 1), date(2023, 7, 1)])
    posts = st.builds(
        post,
        names,
        st.sampled_from(["1/100", "1/4", "1/2", "1", "1", "3/2", "2"]),
        classes=st.sampled_from(SCOPES),
        volet=st.sampled_from(["facilitateur"] * 4 + ["coordinateur"]),
        financement=st.sampled_from(["socle", "aap_2022", "aap_2023"]),
        debut=dates,
        fin=st.sampled_from([None, None, date(2022, 12, 31), date(2023, 12, 31)]),
    )
    perimeters = st.builds(
        lambda name, held, *others: (
            perimeter(name, held[1], others[0], niveau=held[0])
            | {"volet": others[1], "etat": others[2]}
        ),
        names,
        st.sampled_from(HELD),
        st.sampled_from(["principal", "principal", "extension", "extension_dotee"]),
        st.sampled_from(["facilitateur"] * 6 + ["coordinateur"]),
        st.sampled_from(["valide"] * 6 + ["a_confirmer", "conteste"]),
    )
    hours = st.one_of(st.sampled_from([0, 1, 2, 17_500, 35_000]), st.integers(0, 60_000))
    needs = st.builds(
        need,
        st.sampled_from([*CODES, "69123", "01999"]),
        hours,
        st.sampled_from(CLASSES),
        annee=st.sampled_from([0, 0, 2023, 2022] if other_years else [0, 2023]),
    )
    places = [("", ""), ("84", ""), ("94", ""), ("", "01"), ("", "2A"), ("84", "01")]
    known = st.builds(
        lambda name, place: exhaustive(name, region=place[0], departement=place[1]),
        st.sampled_from(CLASSES),
        st.sampled_from(places),
    )
    return make_study(
        draw(st.lists(posts, min_size=2, max_size=8)),
        draw(st.lists(perimeters, min_size=3, max_size=12)),
        draw(
            st.lists(
                needs,
                min_size=4,
                max_size=16,
                unique_by=lambda row: (row["commune"], row["donneur_ordre"]),
            )
        ),
        structures=[
            structure(name, draw(st.sampled_from([None, None, 30_001]))) for name in STRUCTURES
        ],
        exhaustiveness=draw(st.lists(known, max_size=2)),
        regions=draw(st.sampled_from([(), (), ("84",)])) if regions else (),
        seuil_reponse=draw(st.sampled_from([Fraction(1), Fraction(1), Fraction(2, 3)])),
        seuil_reponse_etat=draw(st.sampled_from([Fraction(1), Fraction(1, 2)])),
    )
