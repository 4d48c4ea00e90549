"""Applications: every fault at once with its place, no personal data kept, exact money."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from builders import make_study, perimeter, post
from hypothesis import given
from hypothesis import strategies as st
from toy import toy_territory

from coverage.frames import BUYER_COLUMNS
from coverage.parameters import CLASSES
from coverage.proposals.application import PIECES, Total
from data.applications.read import read_application, read_applications
from data.calls.read import read_call

if TYPE_CHECKING:
    from pathlib import Path

    from coverage.proposals.application import Application
    from data.study.faults import Findings

CALL = read_call()
TOY = toy_territory()
FILE = "candidatures/alpha.toml"
PERSONAL = ("Camille Exemple", "camille@exemple.fr", "0600000000", "3 rue des Essais", "Cheffe")
STUDY = make_study([post("A", "3/2")], [perimeter("A", "01004")])
STUDY.structures.loc["A", "siret"] = "35600000000048"

SOUND = f"""\
[porteur]
nom = "Alpha"
siret = "356 000 000 00048"
statut_juridique = "association"
adresse = "{PERSONAL[3]}"
responsable = "{PERSONAL[0]}"
presentation = \"\"\"
Une structure.
nom = "pas une clé"
\"\"\"

[porteur.contact]
nom = "{PERSONAL[0]}"
fonction = "{PERSONAL[4]}"
mail = "{PERSONAL[1]}"
telephone = "{PERSONAL[2]}"

[groupement]
mandataire = true
membres = [{{ nom = "Bêta", statut = "association" }}]
gouvernance = "Un comité."

[etat_des_lieux]
etp_facilitateur = 1.5
etp_coordinateur = 0
etp_total = 1.5
descriptif_facilitateur = "Deux facilitateurs."
ecosysteme = "Mission locale, SIAE."
diagnostic = "Des marchés de l’État sans clause."
zone_blanche = "Valserhône"

[demande]
etp_facilitateur = 0.75
etp_coordinateur = 0.5
etp_total = 1.25
motif_etp = "zone_blanche"

[perimetre.facilitateur]
codes = [
  {{ niveau = "commune", code = "01033", nature = "principal" }},
  {{ niveau = "departement", code = "2A", nature = "extension" }},
]
donneurs_ordre = [
  {{ donneur_ordre = "prives" }},
  {{ donneur_ordre = "etat", nature = "extension" }},
]

[perimetre.coordinateur]
codes = [{{ niveau = "region", code = "11" }}]

[convention_2022]
date_mise_en_oeuvre = 2022-09-01
montant_etp = 31220
heures = 30000
beneficiaires_personnes = 80
beneficiaires_etp = 18.7
bilan_qualitatif = "Bien."

[strategie]
donneurs_ordre_facilitateur = "Aller voir les services de l’État."
reseau_regional = "Animer."

[objectifs]
heures = 35000

[budget]
montant_facilitateur = 21000
montant_coordinateur = 14000.00
montant_total = 35000
cout_etp = 40000

[[budget.cofinanceurs]]
nom = "Communauté"
type = "collectivite"
montant = 5000.01
attestation = true

[[budget.cofinanceurs]]
nom = "Fonds"
type = "fse"
montant = 4000
volet = "facilitateur"

[pieces]
{"".join(f'{name} = "fournie"' + chr(10) for name in PIECES)}"""


def read(text: str = SOUND) -> tuple[Application | None, Findings]:
    return read_application(text.encode(), FILE, STUDY, TOY, CALL)


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_a_sound_file_reads_whole() -> None:
    made, findings = read()
    assert findings.faults == findings.warnings == ()
    assert made is not None
    assert (made.application_id, made.structure_id, made.statut) == ("alpha", "A", "association")
    assert set(made.pieces.values()) == {"fournie"}
    assert made.unattested == 1
    assert made.totals == (
        Total("total des ETP en place", 150, 150, "etat_des_lieux.etp_total"),
        Total("total des ETP demandés", 125, 125, "demande.etp_total"),
        Total("montant total demandé, en euros", 35_000_00, 35_000_00, "budget.montant_total"),
    )
    facilitator, coordinator = made.asked
    assert (facilitator.hundredths, facilitator.cost_cents) == (75, 30_000_00)
    assert facilitator.state_cents == 21_000_00
    codes = [str(TOY.codes[unit]) for unit in facilitator.units]
    assert codes == ["01033", "2A004"]
    assert facilitator.scope == ("etat", "prives")
    assert coordinator.scope == CLASSES
    assert [str(TOY.codes[unit]) for unit in coordinator.units] == ["75101", "75102", "93066"]
    # 5,000.01 € follow the costs, 30,000 and 20,000.
    assert facilitator.funding == (("collectivite", 3_000_01), ("fse", 4_000_00))
    assert coordinator.funding == (("collectivite", 2_000_00),)


def test_no_personal_data_is_kept_nor_shown() -> None:
    odd = SOUND.replace(f'telephone = "{PERSONAL[2]}"', "telephone = 600000000")
    for text in (SOUND, odd, SOUND.replace('nom = "Alpha"', "nom = 3")):
        shown = repr(read(text))
        assert not [item for item in (*PERSONAL, "600000000", "Une structure") if item in shown]
    (fault,) = read(odd)[1].faults
    assert (fault.column, fault.row) == ("porteur.contact.telephone", line_of(odd, "telephone ="))


def test_missing_boxes_are_told_without_refusing_the_file() -> None:
    text = SOUND.replace(f'mail = "{PERSONAL[1]}"', 'mail = ""').replace("responsable =", "#")
    made, findings = read(text)
    assert made is not None
    assert {notice.column for notice in findings.warnings} == {
        "porteur.contact.mail",
    }
    (box,) = [n for n in findings.warnings if n.column == "porteur.contact.mail"]
    assert box.row == line_of(text, "mail =")


BROKEN = {
    "unknown table": ("[objectifs]", "[objectif]", "objectif", "inconnue", "objectifs"),
    "unknown key": ("cout_etp =", "cout_etps =", "budget.cout_etps", "inconnue", "cout_etp"),
    "unknown key of a line": (
        "attestation = true",
        "attestations = true",
        "budget.cofinanceurs[1].attestations",
        "inconnue",
        "attestation",
    ),
    "unknown ground": (
        'zone_blanche"\n\n[per',
        'zone"\n\n[per',
        "demande.motif_etp",
        "inconnue",
        "zone_blanche",
    ),
    "no ground": (
        'motif_etp = "zone_blanche"',
        "",
        "demande.motif_etp",
        "absente",
        "services_etat",
    ),
    "too fine ETP": ("= 0.75", "= 0.755", "demande.etp_facilitateur", "décimales", "centième"),
    "negative ETP": ("= 0.75", "= -1", "demande.etp_facilitateur", "hors de 0", "corrigez"),
    "text for a number": (
        "= 0.75",
        '= "0.75"',
        "demande.etp_facilitateur",
        "pas un nombre",
        "point",
    ),
    "infinite": ("= 0.75", "= inf", "demande.etp_facilitateur", "pas un nombre", "point"),
    "no demand": (
        "etp_facilitateur = 0.75\netp_coordinateur = 0.5",
        "",
        "demande",
        "aucun ETP",
        "0.5",
    ),
    "unknown place": ('"01033"', '"99999"', "perimetre.facilitateur.codes[1].code", "inconnu", ""),
    "wrong level": (
        '"departement", code',
        '"pays", code',
        "perimetre.facilitateur.codes[2].niveau",
        "inconnue",
        "",
    ),
    "no code": ('code = "2A", ', "", "perimetre.facilitateur.codes[2].code", "absente", ""),
    "no perimeter": (
        '[perimetre.coordinateur]\ncodes = [{ niveau = "region", code = "11" }]',
        "",
        "perimetre.coordinateur.codes",
        "sans périmètre",
        "codes =",
    ),
    "no amount": (
        "montant_coordinateur = 14000.00",
        "",
        "budget.montant_coordinateur",
        "sans montant",
        "euros",
    ),
    "blank amount": (
        "montant_coordinateur = 14000.00",
        'montant_coordinateur = ""',
        "budget.montant_coordinateur",
        "sans montant",
        "euros",
    ),
    "unknown buyer": (
        '"prives" }',
        '"privé" }',
        "perimetre.facilitateur.donneurs_ordre[1].donneur_ordre",
        "inconnu",
        "prives",
    ),
    "buyer of no class": (
        '"prives" }',
        '"26590001300012" }',
        "perimetre.facilitateur.donneurs_ordre[1].donneur_ordre",
        "classe inconnue",
        "acheteurs",
    ),
    "call money as co-funding": (
        '"fse"',
        '"etat_aap"',
        "budget.cofinanceurs[2].type",
        "inconnue",
        "",
    ),
    "co-funding of nothing": (
        "etp_facilitateur = 0.75",
        "etp_facilitateur = 0",
        "budget.cofinanceurs[2].volet",
        "n’est pas demandé",
        "volet",
    ),
    "bad key of SIRET": ("00048", "00049", "porteur.siret", "clé de contrôle", "chiffre"),
    "short SIRET": ("356 000 000 00048", "356", "porteur.siret", "14 chiffres", "14"),
    "unknown structure": (
        "[porteur]",
        '[porteur]\nstructure_id = "Z"',
        "porteur.structure_id",
        "absente de l’étude",
        "",
    ),
    "unknown form": (
        '"association"\nadresse',
        '"assoc"\nadresse',
        "porteur.statut_juridique",
        "inconnue",
        "association",
    ),
    "piece neither here nor there": (
        'budget_projet = "fournie"',
        'budget_projet = "oui"',
        "pieces.budget_projet",
        "inconnue",
        "sans_objet",
    ),
    "text for a date": (
        "= 2022-09-01",
        '= "2022-09-01"',
        "convention_2022.date_mise_en_oeuvre",
        "pas une date",
        "2022-09-01",
    ),
    "flag": (
        "mandataire = true",
        'mandataire = "oui"',
        "groupement.mandataire",
        "ni vrai ni faux",
        "true",
    ),
    "list for a table": (
        'membres = [{ nom = "Bêta", statut = "association" }]',
        'membres = ["Bêta"]',
        "groupement.membres",
        "liste de tables",
        "",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_each_fault_has_its_place_and_its_remedy(name: str) -> None:
    old, new, key, message, remedy = BROKEN[name]
    assert old in SOUND
    text = SOUND.replace(old, new, 1)
    made, findings = read(text)
    assert made is None
    (fault,) = findings.faults
    assert (fault.file, fault.column) == (FILE, key)
    assert message in fault.message
    assert remedy in fault.remedy + fault.message
    assert fault.remedy
    if new:
        assert fault.row > 0


def test_all_faults_of_a_file_are_told_at_once() -> None:
    text = SOUND
    for name in ("unknown key", "too fine ETP", "unknown place", "bad key of SIRET", "flag"):
        text = text.replace(*BROKEN[name][:2], 1)
    assert len(read(text)[1].faults) == 5


ODD = {
    "not TOML": (b"[porteur\nnom = 1", 1, "TOML"),
    "twice": (b"[porteur]\n[porteur]\n", 2, "deux fois"),
    "not UTF-8": ("[porteur]\nnom = 'é'".encode("cp1252"), 2, "UTF-8"),
    "too deep": (b"a = " + b"[" * 5000, 1, "TOML"),
    "endless": (b"a = 1" + b"0" * 5000, 1, "TOML"),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_files_are_told_in_one_fault(name: str) -> None:
    content, row, message = ODD[name]
    made, findings = read_application(content, FILE, STUDY, TOY, CALL)
    assert made is None
    (fault,) = findings.faults
    assert message in fault.message
    assert fault.row >= row


def test_an_empty_file_and_one_with_a_mark_read() -> None:
    made, findings = read_application(b"", FILE, STUDY, TOY, CALL)
    assert made is None
    assert {f.column for f in findings.faults} == {"porteur", "demande", "perimetre", "budget"}
    made, _ = read_application(b"\xef\xbb\xbf" + SOUND.encode(), FILE, STUDY, TOY, CALL)
    assert made is not None


def test_the_structure_is_found_by_its_siret_else_by_its_identifier_else_new() -> None:
    named, findings = read(
        SOUND.replace("[porteur]", '[porteur]\nstructure_id = "A"').replace(
            'siret = "356 000 000 00048"', 'siret = "73282932000074"'
        )
    )
    assert named is not None
    assert named.structure_id == "A"
    assert "SIRET différent" in findings.warnings[0].message
    new, findings = read(SOUND.replace('siret = "356 000 000 00048"', ""))
    assert new is not None
    assert new.structure_id == "nouvelle:alpha"
    assert {n.column for n in findings.warnings} == {
        "porteur",
        "porteur.siret",
        "etat_des_lieux.etp_facilitateur",
    }


def test_a_buyer_by_its_siret_stands_for_its_class() -> None:
    buyers = pd.DataFrame([(2, "265900013", "", "hopitaux")], columns=list(BUYER_COLUMNS))
    text = SOUND.replace('"prives" }', '"26590001300012" }')
    study = replace(STUDY, buyers=buyers)
    made, findings = read_application(text.encode(), FILE, study, TOY, CALL)
    assert made is not None
    assert made.asked[0].scope == ("etat", "hopitaux")
    assert "toute sa classe" in findings.warnings[0].message


def test_a_repaired_code_a_long_diagnosis_and_a_spare_perimeter_are_told() -> None:
    text = SOUND.replace('"01033"', '"1033"').replace(
        '"Des marchés de l’État sans clause."', '"""' + "\nligne" * 11 + '"""'
    )
    made, findings = read(text)
    assert made is not None
    assert {n.column for n in findings.warnings} == {
        "perimetre.facilitateur.codes[1].code",
        "etat_des_lieux.diagnostic",
    }
    spare, findings = read(SOUND.replace("etp_coordinateur = 0.5", "etp_coordinateur = 0.0"))
    assert spare is not None
    assert [asked.volet for asked in spare.asked] == ["facilitateur"]
    assert [n.column for n in findings.warnings] == ["perimetre.coordinateur"]


def test_without_a_cost_the_method_gives_it() -> None:
    made, _ = read(SOUND.replace("cout_etp = 40000", ""))
    assert made is not None
    assert [(a.cost_cents, a.cost_declared) for a in made.asked] == [
        (33_450_00, False),
        (22_300_00, False),
    ]


@given(
    st.integers(1, 5000),
    st.integers(1, 5000),
    st.integers(0, 10**9),
    st.lists(st.integers(0, 10**9), max_size=4),
)
def test_no_cent_is_lost_between_volets(one: int, two: int, cost: int, lines: list[int]) -> None:
    head, _, rest = SOUND.partition("[[budget.cofinanceurs]]")
    pieces = "[pieces]" + rest.partition("[pieces]")[2]
    text = head.replace("= 0.75", f"= {one / 100:.2f}")
    text = text.replace("etp_coordinateur = 0.5", f"etp_coordinateur = {two / 100:.2f}")
    text = text.replace("cout_etp = 40000", f"cout_etp = {cost // 100}.{cost % 100:02d}")
    for cents in lines:
        text += (
            f'[[budget.cofinanceurs]]\nnom = "x"\ntype = "epa"\n'
            f"montant = {cents // 100}.{cents % 100:02d}\n"
        )
    made, findings = read(text + pieces)
    assert findings.faults == ()
    assert made is not None
    assert [a.hundredths for a in made.asked] == [one, two]
    assert sum(cents for a in made.asked for _, cents in a.funding) == sum(lines)
    for own in made.asked:
        assert abs(own.cost_cents * 100 - cost * own.hundredths) <= 50


def test_a_folder_gives_its_files_in_the_order_of_their_names(tmp_path: Path) -> None:
    assert read_applications(tmp_path / "absent", STUDY, TOY, CALL)[0] == ()
    (tmp_path / "b.toml").write_text(SOUND, "utf-8")
    (tmp_path / "a.toml").write_text(SOUND.replace("0.75", "0.3"), "utf-8")
    (tmp_path / "note.docx").write_bytes(b"")
    (tmp_path / ".cache").write_bytes(b"")
    made, inputs, findings = read_applications(tmp_path, STUDY, TOY, CALL)
    assert [each.application_id for each in made] == ["a", "b"]
    assert made[0].asked[0].hundredths == 30
    assert [each.name for each in inputs] == ["candidatures/a.toml", "candidatures/b.toml"]
    assert not findings.faults
    assert [n.file for n in findings.warnings] == ["candidatures/note.docx"]
    (tmp_path / "A.toml").write_text(SOUND, "utf-8")
    (tmp_path / "c.toml").write_text("x", "utf-8")
    made, _, findings = read_applications(tmp_path, STUDY, TOY, CALL)
    assert {fault.file for fault in findings.faults} == {
        "candidatures/a.toml",
        "candidatures/c.toml",
    }
