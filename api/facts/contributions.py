"""Where the hours of a commune come from: each contribution, and their sums class by class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from api.facts.names import level_name
from api.facts.values import class_names, exact_text, quoted, tenths_text
from coverage.origins.contributions import MICRO, POOL
from coverage.parameters import CLASSES
from coverage.rounding import largest_remainder
from coverage.trace import ORIGINES
from coverage.wording import PROGRAMME_NAMES, plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.facts.ground import Ground

ORIGIN_NAMES = {
    "besoins": "besoins déclarés",
    "marches": "marchés publics",
    "grands_projets": "grands projets",
    "services_etat": "services de l’État",
    "composite": "estimation composite par indicateurs",
}
"""By `coverage.trace.ORIGINES`."""

SHOWN = 10
"""Contributions shown by class; the others are counted with their hours."""

_TENTH = MICRO // 10
_PLACED_BY = {
    "commune": "à la ville entière",
    "code_postal": "par code postal",
    "arrondissement": "par arrondissement",
    "epci": "par EPCI",
    "ept": "par établissement public territorial",
    "departement": "par département",
    "region": "par région",
    "pays": "par pays",
}
_BY_PEOPLE = "part de la commune au prorata de la population"


@dataclass(frozen=True)
class Contribution:
    """Hours that one source brings to a commune in the year.

    Attributes
    ----------
    origine
        One of `coverage.trace.ORIGINES`.
    intitule
        What it is, in French.
    source, identifiant
        File or label, and what it is there; empty when there is none or several.
    lieu
        The place as filed: `commune:59350`, `departement:59`…
    partagee
        Whether the place is of several communes: the hours are this one’s part.
    nombre
        Things counted together.
    heures
        Exact, six decimals; `heures_texte` to the tenth, so that those of a class add up.
    heures_comptees
        Whole: those of a class add up to the need of the commune.
    """

    annee: int
    donneur_ordre: str
    donneur_ordre_nom: str
    programme: str
    programme_nom: str
    origine: str
    intitule: str
    source: str
    identifiant: str
    lieu: str
    partagee: bool
    nombre: int
    heures: str
    heures_texte: str
    heures_comptees: int


@dataclass(frozen=True)
class ClassContributions:
    """The contributions of one class of buyers, the largest first.

    Attributes
    ----------
    heures
        Whole hours counted: the need of the class in the commune.
    heures_exactes, heures_texte
        Before they are rounded, six decimals and to the tenth.
    connue
        Whether the need of the class is known there: else what is shown is only a part.
    origines
        Of all the contributions, in the order of `coverage.trace.ORIGINES`.
    contributions
        The largest; `autres` more bring `autres_heures_texte` hours, `autres_comptees` counted.
    """

    donneur_ordre: str
    donneur_ordre_nom: str
    connue: bool
    heures: int
    heures_exactes: str
    heures_texte: str
    origines: list[str]
    contributions: list[Contribution]
    autres: int
    autres_heures_texte: str
    autres_comptees: int


def contribution_lines(ground: Ground, unit: int) -> list[Contribution]:
    """Return every contribution to a commune, class by class, the largest first.

    Shares of wide places that come to nothing are left out; zeros filed for it are kept.
    """
    rows = _rows_by_class(ground, unit).values()
    return [line for own in rows for line in _lines(ground, own)]


def class_contributions(ground: Ground, unit: int) -> list[ClassContributions]:
    """Return the same by class, the largest shown and the others counted."""
    return [
        _class(ground, CLASSES[class_], rows, known=bool(ground.coverage.need.known[unit, class_]))
        for class_, rows in _rows_by_class(ground, unit).items()
    ]


def _class(
    ground: Ground, name: str, rows: list[dict[str, Any]], *, known: bool
) -> ClassContributions:
    lines = _lines(ground, rows)
    micro = [int(row["micro"]) for row in rows]
    tenths = _tenths(micro)
    return ClassContributions(
        donneur_ordre=name,
        donneur_ordre_nom=class_names([name])[0],
        connue=known,
        heures=sum(line.heures_comptees for line in lines),
        heures_exactes=exact_text(sum(micro)),
        heures_texte=tenths_text(sum(tenths)),
        origines=[name for name in ORIGINES if name in {line.origine for line in lines}],
        contributions=lines[:SHOWN],
        autres=sum(line.nombre for line in lines[SHOWN:]),
        autres_heures_texte=tenths_text(sum(tenths[SHOWN:])),
        autres_comptees=sum(line.heures_comptees for line in lines[SHOWN:]),
    )


def _lines(ground: Ground, rows: list[dict[str, Any]]) -> list[Contribution]:
    tenths = _tenths([int(row["micro"]) for row in rows])
    return [_contribution(ground, row, tenth) for row, tenth in zip(rows, tenths, strict=True)]


def _rows_by_class(ground: Ground, unit: int) -> dict[int, list[dict[str, Any]]]:
    mask = np.zeros(len(ground.coverage.territory), dtype=bool)
    mask[unit] = True
    rows = ground.tracer.rows(mask)
    rows = rows[rows["alone"] | (rows["micro"] > 0) | (rows["hours"] > 0)]
    order = ["class_", "micro", "source", "item", "lieu", "programme"]
    ascending = [name != "micro" for name in order]
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows.sort_values(order, ascending=ascending).to_dict("records"):
        found.setdefault(int(row["class_"]), []).append({str(k): v for k, v in row.items()})
    return found


def _tenths(micro: Sequence[int]) -> list[int]:
    """Round to the tenth of an hour so that the whole is kept."""
    return largest_remainder((sum(micro) + _TENTH // 2) // _TENTH, list(micro))


def _contribution(ground: Ground, row: dict[str, Any], tenths: int) -> Contribution:
    name = CLASSES[int(row["class_"])]
    programme = str(row["programme"])
    return Contribution(
        annee=ground.coverage.study.year,
        donneur_ordre=name,
        donneur_ordre_nom=class_names([name])[0],
        programme=programme,
        programme_nom=PROGRAMME_NAMES.get(programme, programme),
        origine=str(row["origine"]),
        intitule=_what(ground, row),
        source=str(row["source"]),
        identifiant="" if row["item"] == POOL else str(row["item"]),
        lieu=str(row["lieu"]),
        partagee=not row["alone"],
        nombre=int(row["count"]),
        heures=exact_text(int(row["micro"])),
        heures_texte=tenths_text(tenths),
        heures_comptees=int(row["hours"]),
    )


def _what(ground: Ground, row: dict[str, Any]) -> str:
    """Say what a contribution is."""
    item, shared = str(row["item"]), not row["alone"]
    names = ground.site_names
    if row["origine"] == "marches":
        return f"marché {item}" if item != POOL else _contracts(ground, row)
    if row["origine"] == "grands_projets":
        own = f"projet {quoted(names.get(('projet', item), item))}"
        return f"{own}, part qui touche la commune" if shared else own
    if row["origine"] == "services_etat":
        own = f"service {quoted(names.get(('service', item), item))}"
        return f"{own}, placé à la ville entière, {_BY_PEOPLE}" if shared else own
    if row["origine"] == "composite":
        return "estimation composite, second choix"
    return f"déclaré pour la ville entière, {_BY_PEOPLE}" if shared else "déclaré dans « besoins »"


def _contracts(ground: Ground, row: dict[str, Any]) -> str:
    """Say what contracts counted together are."""
    level, _, code = str(row["lieu"]).partition(":")
    count = plural(int(row["count"]), "marché placé", "marchés placés")
    if row["alone"]:
        return count
    where = f" ({level_name(ground.coverage.territory, level, code)})" if code else ""
    return f"{count} {_PLACED_BY[level]} seulement{where}, {_BY_PEOPLE}"
