"""Findings in words: errors apart from warnings, by file, repeats together, the rest counted."""

from __future__ import annotations

from dataclasses import replace

from data.study.faults import count, format_faults, nearest, quoted
from geo.errors import Notice


def test_repeats_share_a_line_and_files_are_apart() -> None:
    faults = [
        Notice("b.csv", 7, "code", "code inconnu", "corrigez"),
        *(Notice("a.csv", row, "etp", "trop grand", "réduisez") for row in range(2, 10)),
        Notice("a.csv", 0, "", "fichier étrange"),
    ]
    warnings = [Notice("etude.toml", 3, "etude.nom", "nom court")]
    assert format_faults(faults, warnings).splitlines() == [
        "Erreurs (10 erreurs)",
        "a.csv : 9 erreurs",
        "  - fichier étrange",
        "  - lignes 2, 3, 4, 5, 6 et 3 autres, colonne « etp » : trop grand",
        "      → réduisez",
        "b.csv : 1 erreur",
        "  - ligne 7, colonne « code » : code inconnu",
        "      → corrigez",
        "",
        "Avertissements (1 avertissement)",
        "etude.toml : 1 avertissement",
        "  - ligne 3, clé « etude.nom » : nom court",
    ]


def test_what_is_not_shown_is_counted_and_only_promised_when_written() -> None:
    faults = [Notice("a.csv", row, "code", f"code {row}") for row in range(2, 10_002)]
    text = format_faults(faults)
    assert text.count("\n  - ") == 50
    assert text.endswith("… et 9\u202f950 autres erreurs dans ce fichier")
    told = format_faults(faults[:51], full_list="erreurs.csv")
    assert told.endswith("… et 1 autre erreur dans ce fichier (toutes dans erreurs.csv)")
    assert len(format_faults(faults, limit_per_file=3).splitlines()) == 6


def test_nothing_found_is_an_empty_text() -> None:
    assert format_faults([]) == ""


def test_findings_of_the_study_as_a_whole_have_no_file() -> None:
    text = format_faults([Notice("", 0, "", "dossier introuvable", "vérifiez")])
    assert text.splitlines()[1:] == [
        "Étude : 1 erreur",
        "  - dossier introuvable",
        "      → vérifiez",
    ]


def test_small_words() -> None:
    assert count(1_234_567, "erreur") == "1\u202f234\u202f567 erreurs"
    assert count(2, "code réparé", "codes réparés") == "2 codes réparés"
    assert quoted("x" * 100) == f"« {'x' * 59}… »"
    assert nearest("zzz", ["etat"]) == ""
    assert nearest("Privés", ["prives", "etat"]) == "prives"


def test_a_drawn_feature_is_told_as_such() -> None:
    notice = Notice("perimetres.gpkg", 3, "geometry", "anneau non fermé", "fermez-le")
    assert str(notice).startswith("perimetres.gpkg, élément 3")
    assert "élément 3" in format_faults([notice])
    assert "éléments 3, 4" in format_faults([notice, replace(notice, row=4)])
