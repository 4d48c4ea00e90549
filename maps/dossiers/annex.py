"""The annex of a convention, prefilled as an editable document: to be read and completed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage.dossiers.awards.followup import due_days, number_words
from coverage.dossiers.awards.indicators import ANNUAL, INDICATOR_NAMES, INTERMEDIATE, OBJECTIVE
from coverage.dossiers.awards.results import reports_until
from coverage.model import NATURES
from coverage.parameters import CLASSES
from coverage.proposals.limits import euros
from coverage.proposals.rules import ratio
from coverage.wording import CLASS_NAMES, THIN, decimal, listing
from maps.dossiers.docx_bytes import describe, docx_bytes, heads_repeat, new_document
from maps.dossiers.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from fractions import Fraction

    from docx.document import Document as Made

    from coverage.dossiers.awards.after import Followup
    from coverage.dossiers.awards.awards import Award
    from coverage.model import Coverage
    from coverage.proposals.model import Call

_TO_FILL = "à compléter"
_NATURES = {
    "principal": "périmètre principal",
    "extension_dotee": "extension dotée d’un poste",
    "extension": "extension limitrophe, sans poste dédié",
}
_LEVELS = {
    "commune": "commune",
    "epci": "EPCI",
    "ept": "EPT",
    "arrondissement": "arrondissement",
    "departement": "département",
    "region": "région",
}


def annex_docx(award: Award, found: Followup, coverage: Coverage, call: Call) -> bytes:
    """Return the annex of a convention: perimeter, buyers, objectives, payments, reports.

    What the study does not tell is left « à compléter ».

    Parameters
    ----------
    found
        The follow-up that the convention is part of: the région's results are shown beside.
    """
    document = new_document()
    title = f"Annexe à la convention {award.convention_id}"
    document.add_heading(printable(title), level=0)
    if coverage.study.fictional:
        document.add_paragraph("EXEMPLE FICTIF : ne décrit aucune situation réelle.")
    document.add_paragraph(
        "Annexe préremplie d’après l’étude, à relire et à compléter avant signature. Elle n’a pas "
        "de valeur par elle-même."
    )
    document.add_heading("Le poste et ses dates", level=1)
    _table(document, "Le poste et ses dates", ("Rubrique", "Contenu"), _identity(award))
    _perimeter(document, award, coverage)
    document.add_heading("Donneurs d’ordre accompagnés", level=1)
    document.add_paragraph(_buyers(award, coverage))
    _objectives(document, award, found, coverage)
    document.add_heading("Versements", level=1)
    _table(document, "Versements", ("Versement", "Année", "Montant"), _payments(award, call))
    document.add_paragraph(
        "Versés sous réserve des crédits disponibles. L’année du solde est celle de la fin de "
        "l’action."
    )
    document.add_heading("Rapports et renouvellement", level=1)
    for line in _reports(award, call):
        document.add_paragraph(line)
    return docx_bytes(document, title=title)


def _identity(award: Award) -> list[tuple[str, str]]:
    recruited = _TO_FILL if award.recruited is None else f"{award.recruited:%d/%m/%Y}"
    return [
        ("Structure", award.structure_name),
        ("Volet", award.volet),
        ("ETP financés", decimal(award.etp, 2)),
        ("Candidature retenue", award.application_id or _TO_FILL),
        ("Convention renouvelée", award.renews or "aucune"),
        ("Signature", f"{award.signed:%d/%m/%Y}"),
        ("Début du conventionnement", f"{award.begun:%d/%m/%Y}"),
        ("Action", f"du {award.started:%d/%m/%Y} au {award.end:%d/%m/%Y}"),
        ("Recrutement", recruited),
    ]


def _perimeter(document: Made, award: Award, coverage: Coverage) -> None:
    """Write the perimeter that counts, as it was filed: codes, and how many drawings."""
    document.add_heading("Périmètre géographique", level=1)
    study, names = coverage.study, coverage.territory.names
    own = study.perimeters
    own = own[
        (own["structure_id"] == award.structure_id)
        & (own["volet"] == award.volet)
        & own["etat"].isin(study.parameters.etats_perimetres)
    ]
    filed = {
        (NATURES.index(nature), niveau, str(names[niveau].get(code, code)), code)
        for nature, niveau, code in zip(own["nature"], own["niveau"], own["code"], strict=True)
    }
    rows = [
        (_NATURES[NATURES[rank]], _LEVELS[niveau], name, code)
        for rank, niveau, name, code in sorted(filed)
    ]
    drawn = study.drawn
    drawings = int(
        ((drawn["structure_id"] == award.structure_id) & (drawn["volet"] == award.volet)).sum()
    )
    if rows:
        _table(document, "Périmètre géographique", ("Nature", "Niveau", "Nom", "Code"), rows)
    if drawings:
        document.add_paragraph(
            f"S’y ajoutent des périmètres dessinés ({drawings}){THIN}: joindre leur carte."
        )
    if not rows and not drawings:
        document.add_paragraph(f"Aucun périmètre déposé{THIN}: {_TO_FILL}.")


def _buyers(award: Award, coverage: Coverage) -> str:
    posts = coverage.study.posts
    own = posts[posts["poste_id"] == award.post_id] if award.post_id else posts.iloc[:0]
    if not len(own):
        return f"Poste absent de l’étude{THIN}: {_TO_FILL}."
    classes = own["donneurs_ordre"].iloc[0]
    if tuple(classes) == CLASSES:
        return "Toutes les classes de donneurs d’ordre, l’État et ses opérateurs d’abord."
    return f"{listing(CLASS_NAMES[name] for name in classes)}."


def _objectives(document: Made, award: Award, found: Followup, coverage: Coverage) -> None:
    document.add_heading("Objectifs par ETP et par an", level=1)
    told = reports_until(coverage.study, found.at).get((award.convention_id, OBJECTIVE), {})
    region = found.regions[award.structure_id, award.volet]
    means = found.means[region, award.volet]
    rows = [
        (
            label[0].upper() + label[1:],
            _number(told.get(name)) or _TO_FILL,
            f"{_number(means[name].value)} ({means[name].conventions} conventions)"
            if means[name].value is not None
            else "trop peu de rapports",
        )
        for name, label in INDICATOR_NAMES.items()
    ]
    head = ("Indicateur", "Objectif", f"Repère{THIN}: moyenne de la région")
    _table(document, "Objectifs par ETP et par an", head, rows)


def _number(value: Fraction | None) -> str:
    return "" if value is None else number_words(value)


def _payments(award: Award, call: Call) -> list[tuple[str, str, str]]:
    names = {"avance": "Avance, à la signature", "solde": "Solde, une fois l’action réalisée"}
    lines = [
        (names[nature], str(year), euros(cents)) for nature, year, cents in award.payments(call)
    ]
    return [*lines, ("Total de la subvention", "", euros(award.cents))]


def _reports(award: Award, call: Call) -> Iterable[str]:
    due = due_days(award)
    yield (
        f"Rapport intermédiaire vers le {due[INTERMEDIATE]:%d/%m/%Y}, rapport annuel vers le "
        f"{due[ANNUAL]:%d/%m/%Y}{THIN}: repères proposés, l’appel ne fixe pas de jour."
    )
    most = ratio(call, "reconductions")
    if most is not None:
        yield (
            f"Renouvellements déjà faits{THIN}: {award.renewals}, sur {decimal(most, 0)} au plus, "
            "d’après les résultats."
        )


def _table(document: Made, words: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Add a table, with the words that a screen reader says before it."""
    table = document.add_table(rows=1, cols=len(head), style="Table Grid")
    for cell, text in zip(table.rows[0].cells, head, strict=True):
        cell.paragraphs[0].add_run(text).bold = True
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = printable(text)
    heads_repeat(table)
    describe(table, words)
