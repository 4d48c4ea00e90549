"""An opinion as someone types it, read as a row of the table `avis` is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from coverage.proposals.decisions import AVIS, AVIS_NAMES, EFFECTS
from coverage.proposals.hosts import NEW
from coverage.wording import listing
from data.results.tables import FORMULA_STARTS
from data.store.opinions import checked_opinion
from data.study.cells import Refusal, parse_cell
from data.study.faults import proposal, quoted
from data.study.proposal_tables import AVIS_DEPOSES
from geo.errors import InputErrors, Notice

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from api.proposed import Proposed
    from api.studies import OpenStudy
    from coverage.proposals.decisions import Opinion

DECISIONS = tuple(EFFECTS)
PLAIN = tuple(avis for avis in AVIS if avis not in EFFECTS)
"""Opinions that decide nothing, and those that do: a right for each."""

_OBJECTS = {"structure_id": "structure", "zone_id": "zone", "option_id": "option"}
_COLUMNS = {column.name: column for column in AVIS_DEPOSES.columns}


@dataclass(frozen=True)
class Typed:
    """What a form or a program gives, texts as they came."""

    option_id: str = ""
    structure_id: str = ""
    zone_id: str = ""
    volet: str = ""
    instance: str = ""
    date: str = ""
    avis: str = ""
    motif: str = ""


@dataclass(frozen=True)
class Known:
    """What an opinion may name in a study.

    Attributes
    ----------
    option
        None while proposals are not computed: nobody knows them.
    """

    structure: Collection[str]
    zone: Collection[str]
    option: Collection[str] | None


def known_of(study: OpenStudy, made: Proposed | None) -> Known:
    """Return what an opinion may name in a study, and in its proposals once computed."""
    coverage = study.coverage
    options = () if made is None else made.found.ask.options
    structures = {*coverage.study.structures.index, *(each.structure_id for each in options)}
    names = None if made is None else {each.option_id for each in options}
    return Known(structures, set(coverage.zones.index), names)


def read_opinion(typed: Typed, allowed: Collection[str], known: Known, today: date) -> Opinion:
    """Return the opinion that someone gives.

    Parameters
    ----------
    allowed
        What it may be: `PLAIN` or `DECISIONS`.
    today
        In universal time: a day more is already begun elsewhere.

    Raises
    ------
    InputErrors
        Every fault at once, each at its field.
    """
    read: dict[str, object] = {}
    faults: list[Notice] = []
    for name, text in vars(typed).items():
        value = parse_cell(text.strip(), _COLUMNS[name]) if text.strip() else ""
        if isinstance(value, Refusal):
            faults.append(Notice("", 0, name, value.message, value.remedy))
        read[name] = "" if isinstance(value, Refusal) else value
    faults += _lacking(typed)
    wrong = {fault.column for fault in faults}
    faults += (each for each in _faults(read, allowed, known, today) if each.column not in wrong)
    day = read["date"] if isinstance(read["date"], date) else today
    names = ("option_id", "structure_id", "zone_id", "volet")
    try:
        option, structure, zone, volet = (str(read[name]) for name in names)
        said = checked_opinion(
            (option, structure, zone, volet),
            instance=str(read["instance"]),
            day=day,
            avis=str(read["avis"]),
            motif=typed.motif,
        )
    except InputErrors as errors:
        faults += (each for each in errors.faults if each.column not in wrong)
    if faults:
        raise InputErrors(faults)
    return said


def _lacking(typed: Typed) -> Iterator[Notice]:
    for name in ("instance", "date", "avis"):
        if not getattr(typed, name).strip():
            yield Notice("", 0, name, "rien n’est donné", "choisir ou écrire une valeur")


def _faults(
    read: dict[str, object], allowed: Collection[str], known: Known, today: date
) -> Iterator[Notice]:
    """Say what a row of a table may do and not what is typed here: nobody reads it again."""
    for name, noun in _OBJECTS.items():
        value, among = str(read[name]), getattr(known, noun)
        if value and among is not None and value not in among and not value.startswith(NEW):
            remedy = proposal(value, among) or (
                "reprendre l’identifiant tel que ses pages l’écrivent ; s’il ne vient que d’une "
                "candidature, calculer d’abord les propositions"
            )
            yield Notice("", 0, name, f"{noun} {quoted(value)} inconnue de l’étude", remedy)
    if isinstance(read["date"], date) and read["date"] > today + timedelta(days=1):
        yield Notice("", 0, "date", "date à venir", "écrire le jour où l’instance a donné cet avis")
    if read["avis"] and read["avis"] not in allowed:
        names = listing(AVIS_NAMES[each] for each in allowed)
        yield Notice("", 0, "avis", "cet avis ne se donne pas ici", f"donner ici : {names}")
    if str(read["motif"]).startswith(FORMULA_STARTS):
        remedy = "commencer par une lettre ou un chiffre"
        yield Notice("", 0, "motif", "un tableur y lirait une formule", remedy)
