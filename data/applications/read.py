"""The folder `candidatures` of a study: each file to an application, every fault at once."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from coverage.model import VOLETS
from coverage.parameters import CLASSES
from coverage.proposals.application import MISSING, PIECES, Application, Asked, Enlarged
from coverage.proposals.hosts import NEW
from coverage.rounding import largest_remainder
from data.applications.checks import (
    FACILITATOR,
    asks_extension,
    check_application,
    posts_told,
    totals_of,
    unasked_volets,
)
from data.applications.document import Document, parse_document
from data.applications.fields import read_keys
from data.applications.form import FORM
from data.applications.places import read_scope, read_units
from data.study.faults import Findings, proposal, quoted
from data.study.filed_tables import file_bytes, file_entry
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from coverage.model import InputFile, Study
    from coverage.proposals.model import Call
    from geo.territory import Territory

FOLDER, EXTENSION = "candidatures", ".toml"
HIDDEN = (".", "~$")
"""How files that are no application begin: left by the system, or by a spreadsheet."""

_HUNDREDTHS = 100
_CENTS = 100

Place = tuple[tuple[int, ...], tuple[str, ...]]
"""Sorted unit rows, and classes of buyers."""


def read_applications(
    folder: Path, study: Study, territory: Territory, call: Call
) -> tuple[tuple[Application, ...], tuple[InputFile, ...], Findings]:
    """Return the applications of a folder in the order of their names; none when it is absent.

    A file with a fault gives no application: its faults are told with those of the others.

    Parameters
    ----------
    folder
        `candidatures` of a study folder.
    call
        With the values that the study gives to its rules.
    """
    if not folder.is_dir():
        return (), (), Findings()
    applications: list[Application] = []
    inputs: list[InputFile] = []
    findings = Findings()
    for path in sorted(folder.iterdir()):
        if path.name.startswith(HIDDEN):
            continue
        name = f"{FOLDER}/{path.name}"
        if path.suffix.lower() != EXTENSION:
            notice = Notice(name, 0, "", "fichier ignoré", "une candidature est un fichier .toml")
            findings += Findings((), (notice,))
            continue
        content, found = file_bytes(path)
        findings += Findings(tuple(replace(each, file=name) for each in found.faults))
        if content is None:
            continue
        inputs.append(file_entry(name, 0, content))
        application, found = read_application(content, name, study, territory, call)
        findings += found
        if application is not None:
            applications.append(application)
    return tuple(applications), tuple(inputs), findings + _same_names(applications)


def _same_names(applications: Sequence[Application]) -> Findings:
    first: dict[str, str] = {}
    faults = []
    for application in applications:
        twin = first.setdefault(application.application_id.lower(), application.file)
        if twin != application.file:
            message = f"deux fichiers de même nom, à la casse près : {quoted(twin)}"
            faults.append(Notice(application.file, 0, "", message, "renommez l’un des deux"))
    return Findings(tuple(faults))


def read_application(
    content: bytes, file: str, study: Study, territory: Territory, call: Call
) -> tuple[Application | None, Findings]:
    """Return the application that a file holds, None when it has a fault."""
    document = parse_document(content, file)
    if isinstance(document, Notice):
        return None, Findings((document,))
    return application_of(document, study, territory, call)


def application_of(
    document: Document, study: Study, territory: Territory, call: Call
) -> tuple[Application | None, Findings]:
    """Return the application that a parsed file holds, None when it has a fault."""
    file = document.file
    read, findings = read_keys(document, document.content, FORM)
    findings += check_application(document, read, call)
    structure, found = structure_of(document, read, study)
    findings += found
    places: dict[str, Place] = {}
    unasked = unasked_volets(document, read)
    extends = asks_extension(document, read)
    for volet in [v for v in VOLETS if v not in unasked or (extends and v == FACILITATOR)]:
        own = read.get("perimetre", {}).get(volet, {})
        at = f"perimetre.{volet}"
        units, in_units = read_units(document, own.get("codes", []), at, territory)
        scope, in_scope = read_scope(document, own.get("donneurs_ordre", []), at, study)
        findings += in_units + in_scope
        places[volet] = (units, scope)
    if findings.faults:
        return None, findings
    enlarged = Enlarged(*whole_place(places.pop(FACILITATOR))) if extends else None
    if enlarged and not structure:
        message = "extension sans poste demandée par une structure absente de l’étude"
        remedy = "écrivez son identifiant dans porteur.structure_id, ou demandez des ETP"
        return None, findings + Findings((document.notice("porteur", message, remedy),))
    stem = stem_of(file)
    application = Application(
        application_id=stem,
        file=file,
        structure_id=structure or f"{NEW}{stem}",
        structure_name=read["porteur"]["nom"],
        statut=read["porteur"]["statut_juridique"],
        asked=_asked(read, places, study),
        pieces={name: read.get("pieces", {}).get(name, MISSING) for name in PIECES},
        unattested=sum(not line.get("attestation", False) for line in _cofunders(read)),
        totals=totals_of(read),
        enlarged=enlarged,
    )
    told = posts_told(document, read, application.structure_id, study)
    return application, findings + Findings((), tuple(told))


def structure_of(document: Document, read: Mapping[str, Any], study: Study) -> tuple[str, Findings]:
    """Return the structure of the study that applies, empty when the study lacks it."""
    own = read.get("porteur", {})
    named, siret = own.get("structure_id", ""), own.get("siret", "")
    known = study.structures
    if named and named not in known.index:
        message = f"structure {quoted(named)} absente de l’étude"
        remedy = proposal(named, map(str, known.index)) or "ajoutez-la, ou retirez la clé"
        return "", Findings((document.notice("porteur.structure_id", message, remedy),))
    if named:
        other = str(known["siret"][named])
        if not siret or not other or siret == other:
            return named, Findings()
        message = f"SIRET différent de celui de la structure {quoted(named)} dans l’étude"
        remedy = "vérifiez lequel des deux est juste"
        return named, Findings((), (document.notice("porteur.siret", message, remedy),))
    found = sorted(map(str, known.index[known["siret"] == siret])) if siret else []
    if len(found) > 1:
        message = f"SIRET de plusieurs structures de l’étude : {', '.join(found)}"
        remedy = "dites laquelle dans porteur.structure_id"
        return "", Findings((document.notice("porteur.siret", message, remedy),))
    if found:
        return found[0], Findings()
    message = "structure absente de l’étude : elle compte comme nouvelle"
    remedy = "si elle y est, écrivez son identifiant dans porteur.structure_id"
    return "", Findings((), (document.notice("porteur", message, remedy),))


def stem_of(file: str) -> str:
    """Return the name of a file, without folder nor extension."""
    return PurePosixPath(file).stem


def _cofunders(read: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = read["budget"].get("cofinanceurs", [])
    return found


def _asked(
    read: Mapping[str, Any],
    places: Mapping[str, Place],
    study: Study,
) -> tuple[Asked, ...]:
    budget, demand = read["budget"], read["demande"]
    etp = {volet: demand[f"etp_{volet}"] for volet in places}
    each = budget.get("cout_etp", study.parameters.cout_etp_eur * _CENTS)
    cost = {
        volet: int(Fraction(each * hundredths, _HUNDREDTHS) + Fraction(1, 2))
        for volet, hundredths in etp.items()
    }
    funding = _funding(_cofunders(read), cost)
    return tuple(
        Asked(
            volet=volet,
            hundredths=etp[volet],
            ground=demand["motif_etp"],
            units=units,
            scope=scope,
            cost_cents=cost[volet],
            cost_declared="cout_etp" in budget,
            state_cents=budget[f"montant_{volet}"],
            funding=tuple(sorted(funding[volet].items())),
        )
        for volet, (units, scope) in ((volet, whole_place(own)) for volet, own in places.items())
    )


def whole_place(place: Place) -> Place:
    """Return units and classes of a perimeter: all classes where it names no buyer."""
    units, scope = place
    return units, scope or CLASSES


def _funding(
    lines: Sequence[Mapping[str, Any]], cost: Mapping[str, int]
) -> dict[str, dict[str, int]]:
    """Return the cents of each type by volet; a line that names no volet is shared by cost."""
    found: dict[str, dict[str, int]] = {volet: {} for volet in cost}
    for line in lines:
        volets = [line["volet"]] if "volet" in line else list(cost)
        parts = largest_remainder(line["montant"], [cost[volet] for volet in volets])
        for volet, part in zip(volets, parts, strict=True):
            found[volet][line["type"]] = found[volet].get(line["type"], 0) + part
    return found
