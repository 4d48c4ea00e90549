"""The figures a map carries, as columns that its page turns into words only when asked."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pandas as pd

from coverage.parameters import CLASSES, STATE_CLASSES
from coverage.wording import certificate_sentence, decimal
from maps.numbers import rate_text
from maps.parts import styles_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from maps.scope import Scope

Columns = dict[str, Any]

BESOINS = {"identifie": "identifié", "inconnu": "inconnu", "aucun": "aucun besoin identifié"}

_AREAS = ("part_principale", "part_extension", "part_non_couverte")


def whole(values: Iterable[Any]) -> list[int | None]:
    """Return whole numbers, None for what is unknown (None, NaN, NA, a negative population)."""
    return [None if pd.isna(value) or value < 0 else round(value) for value in values]


def commune_columns(scope: Scope, structures: Mapping[str, int]) -> Columns:
    """Return the columns of the communes shown.

    Parameters
    ----------
    structures
        Structure id → position in the page's list of names.
    """
    frame = scope.communes
    unknown = [frozenset(classes) for classes in frame["classes_inconnues"]]
    return {
        "code": " ".join(frame.index),
        "name": frame["nom"].tolist(),
        "style": scope.styles,
        "mixed": _mixed(frame),
        "zone": scope.zone_of.tolist(),
        "population": whole(frame["population"]),
        "need": known_hours(frame["besoin_h"], unknown, CLASSES),
        "stateNeed": known_hours(frame["besoin_etat_h"], unknown, STATE_CLASSES),
        "served": known_hours(frame["servi_h"], unknown, CLASSES),
        "rate": _dictionary(_rates(frame["taux_reponse"], unknown, CLASSES)),
        "stateRate": _dictionary(_rates(frame["taux_reponse_etat"], unknown, STATE_CLASSES)),
        "unknown": masks(frame["classes_inconnues"]),
        "unserved": masks(frame["classes_non_servies"]),
        "structures": [[structures[name] for name in names] for names in frame["structures"]],
        **_commune_sites(scope),
    }


def _commune_sites(scope: Scope) -> Columns:
    """Return, by row, the names of the services not accompanied and of the large projects.

    None when no file of the study speaks of them.
    """
    sites = scope.coverage.need.sites
    row_of = dict(zip(scope.units.tolist(), range(len(scope.units)), strict=True))
    waiting = projects = None
    if sites.services is not None:
        own = sites.services[sites.services["accompagne"] == "non"]
        waiting = _by_row(row_of, own["unit"], own["nom"])
    if sites.projects is not None:
        names = dict(zip(sites.names["projet_id"], sites.names["nom"], strict=True))
        projects = _by_row(
            row_of, sites.projects["unit"], [names[key] for key in sites.projects["projet_id"]]
        )
    return {"services": waiting, "projects": projects}


def _by_row(
    row_of: Mapping[int, int], units: Iterable[int], names: Iterable[str]
) -> dict[str, list[str]]:
    found: dict[str, set[str]] = {}
    for unit, name in zip(units, names, strict=True):
        if unit in row_of:
            found.setdefault(str(row_of[unit]), set()).add(str(name))
    return {row: sorted(found[row]) for row in sorted(found, key=int)}


def part_columns(scope: Scope) -> Columns:
    """Return the columns of the parts of communes that are cut, by commune then in their order."""
    atoms = scope.atoms
    return {
        "commune": atoms.commune[atoms.cut].tolist(),
        "zone": atoms.zone[atoms.cut].tolist(),
        "style": atoms.style[atoms.cut].tolist(),
        "shown": atoms.shown[atoms.cut].astype(int).tolist(),
        "share": (atoms.share[atoms.cut] * 1000).round().astype(int).tolist(),
    }


def zone_columns(scope: Scope) -> tuple[Columns, list[str]]:
    """Return the columns of the zones shown, and the sentences of their certificates."""
    frame = scope.zones
    coverage = scope.coverage
    wanted = sorted({name for listed in frame["certificats"] for name in listed})
    position = {name: row for row, name in enumerate(wanted)}
    sentences = [certificate_sentence(coverage.certificates[name]) for name in wanted]
    departements = coverage.territory.names["departement"]
    columns = {
        "id": frame.index.tolist(),
        "style": styles_of(frame),
        "kept": [int(value) for value in frame["retenue"]],
        "waiting": [int(value) for value in frame["en_attente"]],
        "known": [BESOINS.get(value, value) for value in frame["besoin"]],
        "communes": [len(codes) for codes in frame["communes"]],
        "departements": [
            ", ".join(f"{departements.get(code, code)} ({code})" for code in codes)
            for codes in frame["departements"]
        ],
        "population": whole(frame["population"]),
        "area": whole(frame["surface_km2"]),
        "need": whole(frame["besoin_h"]),
        "stateNeed": whole(frame["besoin_etat_h"]),
        "deficit": whole(frame["deficit_h"]),
        "proved": whole(frame["deficit_prouve_h"]),
        "etp": [decimal(value, 2) for value in frame["etp_manquants"]],
        "breakEven": whole(frame["seuil_bascule_h_par_etp"]),
        "reason": frame["motif"].tolist(),
        "services": _named(frame["services_etat_non_accompagnes"], frame["services_etat_noms"]),
        "doubtful": whole(frame["services_etat_a_preciser"]),
        "projects": _named(frame["grands_projets"], frame["grands_projets_noms"]),
        "certificates": [[position[name] for name in listed] for listed in frame["certificats"]],
    }
    return columns, sentences


def _named(counts: Iterable[Any], names: Iterable[Sequence[str]]) -> list[list[str] | None]:
    """Return names, None where it is not known whether there are any."""
    return [None if pd.isna(count) else list(own) for count, own in zip(counts, names, strict=True)]


def known_hours(
    values: Iterable[Any], unknown: Sequence[frozenset[str]], classes: Sequence[str]
) -> list[int | None]:
    """Return hours, None where none of these classes is known: zero is not said of the unknown.

    Hours may stand where no class is known, such as those of contracts placed by département.
    """
    return [
        None if not value and missing.issuperset(classes) else value
        for value, missing in zip(whole(values), unknown, strict=True)
    ]


def _rates(
    values: Iterable[Any], unknown: Sequence[frozenset[str]], classes: Sequence[str]
) -> list[str]:
    return [
        rate_text(
            rate if isinstance(rate, Fraction) else None,
            need_known=missing.isdisjoint(classes),
        )
        for rate, missing in zip(values, unknown, strict=True)
    ]


def _dictionary(texts: Sequence[str]) -> list[list[Any]]:
    """Return the distinct texts, sorted, and the position of each row's."""
    distinct = sorted(set(texts))
    position = {text: row for row, text in enumerate(distinct)}
    return [distinct, [position[text] for text in texts]]


def masks(values: Iterable[Iterable[str]]) -> list[int]:
    """Return sets of classes as bits, in the order of `CLASSES`."""
    bit = {name: 1 << rank for rank, name in enumerate(CLASSES)}
    return [sum(bit[name] for name in set(names)) for names in values]


def _mixed(frame: pd.DataFrame) -> dict[str, list[int]]:
    """Return, for the mixed communes alone, the shares of area in thousandths, by row."""
    rows = frame["mixte"].to_numpy(dtype=bool).nonzero()[0].tolist()
    shares = (frame[list(_AREAS)].astype("float64") * 1000).round().astype("int64").to_numpy()
    return {str(row): shares[row].tolist() for row in rows}
