"""The application on a small study whose dossiers are written by hand: no rule is tried here."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING

from asking import PAGE, Client
from fake_coverage import HOSTILE, fake_coverage

from api.app import create_app
from api.dossiers.kept import Desk
from api.settings import Settings
from api.studies import OpenStudy, Studies
from coverage.dossiers.bench import Bench
from coverage.dossiers.form import Form
from coverage.dossiers.model import (
    Case,
    Claim,
    ClaimPlace,
    ClaimTest,
    Dossier,
    Figure,
    Finding,
    Objection,
    Proportion,
    Verdict,
)
from coverage.parameters import CLASSES
from data.calls.read import read_call

if TYPE_CHECKING:
    from collections.abc import Callable

    from coverage.model import Coverage

PERSON = "Camille Exemple, 01 02 03 04 05"
SLUG = "dossiers"
PAGES = f"/etudes/{SLUG}/dossiers"
API = f"/api/v1/etudes/{SLUG}/dossiers"
NEED = 12_000


def finding(level: str, rule: str, message: str, remedy: str = "", place: str = "") -> Finding:
    return Finding(level, rule, f"Rubrique de {rule}", f"Texte de {rule}.", place, message, remedy)


FINDINGS = (
    finding("conforme", "minimum_etp", "0,5 ETP demandé"),
    finding("conforme", "siret", "SIRET de la structure", place="porteur.siret"),
    finding("a_completer", "pieces", "comptes manquants", "les joindre", "pieces.comptes_annuels"),
    finding("a_discuter", "region", "périmètre dans deux régions"),
    finding("contraire", "plafond_etat", "82 % demandés à l’État", "ramener à 70 %", "budget"),
)
PRODUCTIVITY = Figure("productivité d’un ETP", 35_000, "h/ETP", "paramètre heures_par_etp")
UNHEARD = Figure("besoin des hôpitaux", None, "h", "aucun fichier")


def place(unit: int, *, known: bool = True, white: Fraction = Fraction(1)) -> ClaimPlace:
    return ClaimPlace(
        unit=unit,
        statut="non_couverte",
        shares={"non_couverte": Fraction(1)},
        white=white,
        pending=1 - white,
        holders=(("A", "extension"),),
        own=False,
        need_hours=NEED if known else 0,
        state_hours=NEED // 2 if known else 0,
        unserved_hours=NEED // 3 if known else 0,
        unknown=() if known else CLASSES,
        zone_ids=("84-capacite_insuffisante-01002",),
        lent_hours=0,
    )


CLAIM = Claim(
    volet="facilitateur",
    places=(place(1), place(2, known=False, white=Fraction(1, 3))),
    white_area=Fraction(2, 3),
    white_population=None,
    white_communes=2,
    white_hours=NEED,
    regions=("84",),
    outside=(2,),
)
TESTS = (
    ClaimTest("coherence", "etabli", "Un seul tenant.", ("première étape",), (PRODUCTIVITY,)),
    ClaimTest("besoin", "inconnu", "Le besoin des hôpitaux manque.", (), (UNHEARD,)),
    ClaimTest("voisins", "discutable", "Un voisin peut prêter des heures.", (), ()),
)
OBJECTIONS = (
    Objection(
        "extension", "A", Fraction(19, 50), 1_520, "A absorberait 38 % du besoin.", "Trop loin."
    ),
    Objection("hypothese", "", Fraction(1, 10), 400, "À 45 000 h, il manque moins.", ""),
)
VERDICT = Verdict("probable", "Besoin établi en partie.", PRODUCTIVITY, "Il décide de tout.")
PROPORTION = Proportion(
    50,
    None,
    (finding("a_discuter", "etp", "ETP manquants inconnus"),),
    ((2023, "avance", 1_561_000),),
)


def case(name: str, structure: str, etp: int = 0) -> Case:
    values = {
        "porteur": {"nom": structure, "responsable": PERSON, "contact": {"nom": PERSON}},
        **({"demande": {"etp_facilitateur": etp}} if etp else {}),
    }
    places = {"facilitateur": ((1, 2), CLASSES)} if etp else {}
    file = f"candidatures/{name}.toml"
    return Case(name, file, "A", structure, Form(values), (), None, places, "0" * 64)


def dossiers() -> tuple[Dossier, ...]:
    """Return a whole dossier with a hostile name, and one where nothing can be read."""
    whole = Dossier(
        case("alpha", HOSTILE, 50),
        FINDINGS,
        {"facilitateur": CLAIM},
        {"facilitateur": TESTS},
        {"facilitateur": OBJECTIONS},
        {"facilitateur": VERDICT},
        {"facilitateur": PROPORTION},
    )
    return whole, Dossier(case("bêta é", "Bêta"), FINDINGS[2:3])


def desk(coverage: Coverage) -> Desk:
    made = dossiers()
    cases = tuple(each.case for each in made)
    ready = {each.case.application_id: each for each in made}
    return Desk(Bench(coverage, read_call()), cases, "", ready)


def open_study(slug: str = SLUG, load: Callable[[], Coverage] = fake_coverage) -> OpenStudy:
    study = OpenStudy(slug, load)
    study.once("dossiers", lambda: SimpleNamespace(now=lambda: desk(study.coverage)))
    return study


@cache
def client() -> Client:
    studies = Studies([open_study(), OpenStudy("sans", fake_coverage)])
    return Client(create_app(Settings(requests_per_minute=1_000_000), studies))


def html(address: str) -> str:
    answer = client().get(address, headers=PAGE)
    assert answer.status_code == 200, (address, answer.text)
    return answer.text
