"""The files of scenarios: every trap told with its place and remedy, all at once."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from test_propose import APPLICATION, FILES, write
from toy import toy_territory, write_study

from api import pipeline
from api.cli import main
from coverage.proposals.scenario import Scenario
from data.results.readme import ABOUT_COMPARISON
from data.scenarios.read import RESERVED, RESERVED_NAMES, read_scenario, read_scenarios
from data.study.reader import read_study

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coverage.model import Study
    from data.study.faults import Findings

TOY = toy_territory()
ROOT = Path(__file__).parents[1]
HEAD = 'format_version = 1\n[scenario]\nnom = "Essai"\n'
REFUSED = '[refus]\n"cand-alpha-f" = "voisine"\n'


@pytest.fixture(autouse=True)
def toy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "load_territory", lambda **_: TOY)
    monkeypatch.setattr("data.reference.territory.load_territory", lambda **_: TOY)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return read_study(write(tmp_path_factory.mktemp("e") / "étude", FILES), TOY)


def named(name: str, rest: str = "") -> str:
    return f'format_version = 1\n[scenario]\nnom = "{name}"\n{rest}'


def filed(
    folder: Path, study: Study, files: Mapping[str, str | bytes]
) -> tuple[tuple[Scenario, ...], Findings]:
    """Read scenarios whose files are given by path in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        under_folder, _, own = name.rpartition("/")
        write_study(folder / under_folder if under_folder else folder, {own: content})
    return read_scenarios(folder, study, TOY)


# --- reading ------------------------------------------------------------------------------------


def test_a_folder_that_is_absent_or_empty_holds_no_scenario(tmp_path: Path, study: Study) -> None:
    assert read_scenarios(tmp_path / "absent", study, TOY)[0] == ()
    scenarios, found = filed(tmp_path / "s", study, {})
    assert (scenarios, found.faults, found.warnings) == ((), (), ())


def test_a_whole_scenario_is_read_as_written(tmp_path: Path, study: Study) -> None:
    text = (
        'format_version = 1\n[scenario]\nnom = " Moins  d’argent "\n'
        'description = """La moitié\nde l’enveloppe."""\n'
        '[methode]\nheures_par_etp = 25000\nseuil_reponse = "2/3"\n'
        "[appel]\nbudget_eur = 100000\nplafond_etat = 0.6\nconserves_d_abord = false\n"
        '[options]\ngenerees = false\n[verrous]\n"zb-94-2A-2A004#1" = "promis\\n au préfet"\n'
        f"{REFUSED}"
    )
    (own,), found = filed(tmp_path / "s", study, {"petite.toml": text})
    assert not found.faults
    assert own.scenario_id == "petite"
    assert own.name == "Moins  d’argent"
    assert own.description == "La moitié de l’enveloppe."
    assert own.parameters == {"heures_par_etp": 25_000, "seuil_reponse": Fraction(2, 3)}
    assert own.call == {
        "budget_eur": 100_000,
        "plafond_etat": Fraction(3, 5),
        "conserves_d_abord": False,
    }
    assert own.decisions.locked == {"zb-94-2A-2A004#1": "promis au préfet"}
    assert own.decisions.refused == {"cand-alpha-f": "voisine"}
    assert not own.generated
    assert [file.name for file in own.inputs] == ["scenarios/petite.toml"]


@pytest.mark.parametrize(
    ("text", "key", "said", "remedy"),
    [
        ("format_version = 1\n[scenario\n", "", "pas du TOML", "clé = valeur"),
        (f"{HEAD}nom = 'deux'\n", "", "écrite deux fois", "gardez-en une"),
        (HEAD.encode("utf-16"), "", "pas en UTF-8", "UTF-8"),
        ("", "scenario.nom", "obligatoire absente", 'nom = "Enveloppe réduite"'),
        ("[scenario]\nnom = 'x'\n", "format_version", "absente", "format_version = 1"),
        (HEAD.replace("1", "2", 1), "format_version", "version « 2 »", "format_version = 1"),
        (HEAD.replace("Essai", "  "), "scenario.nom", "nom vide", "écrivez"),
        (HEAD.replace('"Essai"', "3"), "scenario.nom", "pas un texte", "écrivez"),
        (f"{HEAD}description = 3\n", "scenario.description", "pas un texte", "guillemets"),
        (f'{HEAD}description = "{501 * "x"}"\n', "scenario.description", "500", "phrases"),
        (f"{HEAD}titre = 'x'\n", "scenario.titre", "« titre » inconnue", "nom, description"),
        (f"{HEAD}[methodes]\n", "methodes", "« methodes » inconnue", "« methode »"),
        (f"{HEAD}[budget]\n", "budget", "« budget » inconnue", "tables acceptées"),
        (f"methode = 3\n{HEAD}", "methode", "doit être une table", "[methode]"),
        (f"verrous = ['a']\n{HEAD}", "verrous", "doit être une table", "[verrous]"),
        (
            f"{HEAD}[methode]\nheure_par_etp = 30000\n",
            "methode.heure_par_etp",
            "inconnue dans [methode]",
            "heures_par_etp",
        ),
        (f"{HEAD}[methode]\nheures_par_etp = 1\n", "methode.heures_par_etp", "hors de", "bornes"),
        (f"{HEAD}[appel]\nbudget = 1\n", "appel.budget", "inconnue dans [appel]", "budget_eur"),
        (f"{HEAD}[appel]\nbudget_eur = 0\n", "appel.budget_eur", "plus grand que 0", "5400000"),
        (f"{HEAD}[appel]\nplafond_etat = '3/2'\n", "appel.plafond_etat", "hors de", "bornes"),
        (f"{HEAD}[options]\ngenerees = 'oui'\n", "options.generees", "ni vrai ni faux", "true"),
        (f"{HEAD}[options]\ngenere = true\n", "options.genere", "inconnue", "« generees »"),
        (f"{HEAD}[verrous]\n'a' = '  '\n", "verrous.a", "sans motif", '"a" = "motif"'),
        (f"{HEAD}[refus]\n'a' = true\n", "refus.a", "sans motif", "[refus]"),
        (
            f"{HEAD}{REFUSED}[verrous]\ncand-alpha-f = 'oui'\n",
            "refus.cand-alpha-f",
            "à la fois verrouillée et refusée",
            "une seule",
        ),
    ],
)
def test_a_trap_is_told_with_its_place_and_remedy(
    tmp_path: Path, study: Study, text: str | bytes, key: str, said: str, remedy: str
) -> None:
    scenarios, found = filed(tmp_path / "s", study, {"x.toml": text})
    assert scenarios == ()
    fault = next(each for each in found.faults if each.column == key)
    assert fault.file == "scenarios/x.toml"
    assert said in fault.message
    assert remedy in fault.remedy
    content = text if isinstance(text, bytes) else text.encode()
    written = content.decode("utf-8", "replace").split("\n")
    last = key.rpartition(".")[2]
    if any(last and last in line for line in written):
        assert last in written[fault.row - 1]


def test_every_fault_of_every_file_is_told_at_once(tmp_path: Path, study: Study) -> None:
    broken = APPLICATION.replace("etp_facilitateur = 0.75", 'etp_facilitateur = "beaucoup"')
    bad = f"{HEAD}[methode]\nheures_par_etp = 1\nx = 2\n[appel]\nbudget_eur = 0\n"
    scenarios, found = filed(
        tmp_path / "s",
        study,
        {
            "a.toml": bad,
            "a/neuve.toml": broken,
            "b.toml": named("B"),
            "b/neuve.toml": broken,
            "c.toml": "x =",
        },
    )
    assert [each.scenario_id for each in scenarios] == ["b"]
    told = {(each.file, each.column) for each in found.faults}
    assert told >= {
        ("scenarios/a.toml", "methode.heures_par_etp"),
        ("scenarios/a.toml", "methode.x"),
        ("scenarios/a.toml", "appel.budget_eur"),
        ("scenarios/a/neuve.toml", "demande.etp_facilitateur"),
        ("scenarios/b/neuve.toml", "demande.etp_facilitateur"),
        ("scenarios/c.toml", ""),
    }
    assert all(file.startswith("scenarios/") for file, _ in told)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"a.toml": named("Un"), "b.toml": named("UN")}, "déjà pris par « scenarios/a.toml »"),
        ({"a.toml": named("b"), "b.toml": named("Un")}, "déjà pris par « scenarios/b.toml »"),
        *(({f"{stem}.toml": HEAD}, "nom de scénario réservé") for stem in RESERVED),
        ({"Etude.toml": HEAD}, "nom de scénario réservé : « Etude »"),
        ({"etat_x.toml": HEAD}, "nom de scénario réservé : « etat_x »"),
        ({"ecart_x.toml": HEAD}, "nom de scénario réservé : « ecart_x »"),
        *(({"a.toml": named(own.title())}, "nom de scénario réservé") for own in RESERVED_NAMES),
    ],
)
def test_names_that_a_comparison_could_not_tell_apart_are_refused(
    tmp_path: Path, study: Study, files: dict[str, str], said: str
) -> None:
    _, found = filed(tmp_path / "s", study, files)
    (fault,) = found.faults
    assert said in fault.message
    assert "autre nom" in fault.remedy or "renommez" in fault.remedy


def test_a_scenario_may_be_named_as_its_own_file(tmp_path: Path, study: Study) -> None:
    (own,), found = filed(tmp_path / "s", study, {"a.toml": named("a")})
    assert not found.faults
    assert own.name == own.scenario_id == "a"


def test_what_is_not_read_is_told_and_hidden_files_are_not(tmp_path: Path, study: Study) -> None:
    scenarios, found = filed(
        tmp_path / "s",
        study,
        {
            "a.TOML": named("A"),
            "a/alpha.toml": APPLICATION,
            "a/notes.txt": "x",
            "notes.txt": "x",
            "seul/alpha.toml": APPLICATION,
            ".cache": "x",
            "~$a.toml": "x",
        },
    )
    assert [each.scenario_id for each in scenarios] == ["a"]
    assert not found.faults
    ignored = {each.file for each in found.warnings if "ignoré" in each.message}
    assert ignored == {"scenarios/notes.txt", "scenarios/seul", "scenarios/a/notes.txt"}


def test_an_application_of_a_scenario_is_added_or_replaces_that_of_the_study(
    tmp_path: Path, study: Study
) -> None:
    more = APPLICATION.replace("etp_facilitateur = 0.75", "etp_facilitateur = 0.5")
    (base,), _ = filed(tmp_path / "base", study, {"x.toml": HEAD, "x/alpha.toml": APPLICATION})
    (own,), found = filed(
        tmp_path / "s", study, {"a.toml": HEAD, "a/alpha.toml": more, "a/zeta.toml": more}
    )
    assert not found.faults, found.faults
    asked = own.asked(base.applications)
    assert [each.application_id for each in asked] == ["alpha", "zeta"]
    assert {each.asked[0].hundredths for each in asked} == {50}
    assert [each.file for each in asked] == ["scenarios/a/alpha.toml", "scenarios/a/zeta.toml"]
    assert [file.name for file in own.inputs] == [
        "scenarios/a.toml",
        "scenarios/a/alpha.toml",
        "scenarios/a/zeta.toml",
    ]
    assert Scenario().asked(base.applications) == base.applications


def test_the_order_in_which_files_were_written_changes_nothing(
    tmp_path: Path, study: Study
) -> None:
    files = {f"{name}.toml": named(name.upper(), REFUSED) for name in "cab"}
    one = filed(tmp_path / "un", study, files)
    two = filed(tmp_path / "deux", study, dict(reversed(files.items())))
    assert one == two
    assert [each.scenario_id for each in one[0]] == ["a", "b", "c"]


def test_verifier_tells_faults_of_scenarios(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write(tmp_path / "e", FILES)
    write_study(folder / "scenarios", {"a.toml": HEAD})
    assert main(["verifier", str(folder)]) == 0
    assert "scenarios" not in capsys.readouterr().err
    write_study(folder / "scenarios", {"b.toml": f"{HEAD}[appel]\nbudget_eur = 0\n", "n.txt": "x"})
    assert main(["verifier", str(folder)]) == 1
    told = capsys.readouterr()
    assert "scenarios/b.toml : 1 erreur" in told.err
    assert "ligne 5, clé « appel.budget_eur »" in told.err
    assert "scenarios/n.txt" in told.out + told.err


def test_the_example_of_the_guide_is_read_as_it_says() -> None:
    guide = (ROOT / "docs" / "guide-scenarios.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", guide, re.DOTALL)
    own, found = read_scenario(example.encode(), "scenarios/petite.toml")
    assert not found.faults, found.faults
    assert own is not None
    assert own.call == {"budget_eur": 2_700_000, "plafond_etat": False}
    assert own.decisions.locked.keys() == {"zb-94-2A-2A004#1"}
    assert all(f"`{name}`" in guide for name in ABOUT_COMPARISON)
