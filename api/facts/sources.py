"""What a study was computed from: its files, the reference data, its parameters, its anomalies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.facts.hypotheses import TO_DOCUMENT
from api.facts.values import optional_int
from data.reference.sources import sources as declared_sources
from geo.version import FORMAT_VERSION, VERSION
from maps.parameter_lines import parameter_lines

if TYPE_CHECKING:
    from api.facts.ground import Ground
    from coverage.model import Coverage
    from coverage.parameters import Parameters


@dataclass(frozen=True)
class FileLine:
    """One file of the study."""

    nom: str
    lignes: int
    sha256: str


@dataclass(frozen=True)
class SourceLine:
    """One reference source: what it is, whose, under which licence and of which vintage."""

    nom: str
    editeur: str
    licence: str
    millesime: str
    paquet: str
    version: str
    contenu: str
    sha256: str


@dataclass(frozen=True)
class Parameter:
    """One parameter of the method.

    Attributes
    ----------
    modifie
        Whether the study departs from the default.
    a_documenter
        Whether the value used is a hypothesis that nothing official grounds.
    """

    nom: str
    intitule: str
    valeur: str
    defaut: str
    fondement: str
    modifie: bool
    a_documenter: bool


@dataclass(frozen=True)
class Anomaly:
    """What could not be placed, counted or believed; hours None when none are at stake."""

    fichier: str
    ligne: int | None
    objet: str
    constat: str
    heures: int | None


@dataclass(frozen=True)
class Provenance:
    """What makes a result replay byte for byte."""

    version: str
    format_version: int
    millesime_cog: int
    fichiers: list[FileLine]
    sources: list[SourceLine]
    parametres: list[Parameter]


def provenance_facts(coverage: Coverage) -> Provenance:
    """Return the origin of a study's results."""
    return Provenance(
        version=VERSION,
        format_version=FORMAT_VERSION,
        millesime_cog=coverage.territory.vintage,
        fichiers=[
            FileLine(file.name, file.rows, file.sha256)
            for file in sorted(coverage.study.inputs, key=lambda file: file.name)
        ],
        sources=_sources(coverage),
        parametres=parameter_facts(coverage),
    )


def parameter_facts(coverage: Coverage) -> list[Parameter]:
    """Return every parameter, its default, and whether the study changes it."""
    return parameter_facts_of(coverage.study.parameters)


def parameter_facts_of(own: Parameters) -> list[Parameter]:
    """Return the same of some parameters."""
    defaults = {line.name: line.value for line in parameter_lines(type(own)())}
    return [
        Parameter(
            nom=line.name,
            intitule=line.label,
            valeur=line.value,
            defaut=defaults[line.name],
            fondement=line.basis,
            modifie=line.changed,
            a_documenter=not line.changed and TO_DOCUMENT in line.basis,
        )
        for line in parameter_lines(own)
    ]


def anomaly_facts(ground: Ground) -> list[Anomaly]:
    """Return the anomalies of a study, in their order."""
    table = ground.coverage.anomalies
    columns = (table[name].tolist() for name in ("fichier", "ligne", "objet", "constat", "heures"))
    return [
        Anomaly(file, int(line) or None, str(subject), str(finding), optional_int(hours))
        for file, line, subject, finding, hours in zip(*columns, strict=True)
    ]


def _sources(coverage: Coverage) -> list[SourceLine]:
    packages = {source.sha256: source for source in declared_sources().values()}
    found = []
    for source in coverage.territory.sources:
        package = packages.get(source.sha256)
        found.append(
            SourceLine(
                nom=source.name,
                editeur=source.publisher,
                licence=source.licence,
                millesime=source.vintage,
                paquet=package.package if package else "",
                version=package.version if package else "",
                contenu=package.format if package else "",
                sha256=source.sha256,
            )
        )
    return found
