"""Public lists of State services: higher education (MESR), préfectures and DREAL (Camino)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from data.indicators.public_tables import Format, read_public, warning
from data.services.frames import public_frame, service_frame, settle_places, sound_siret
from data.services.kinds import TYPE_OF_CAMINO
from data.study.cells import Refusal
from data.study.faults import Findings, count
from data.study.place_names import PlaceNames
from geo.territory import CODE_POSTAL

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from coverage.model import InputFile
    from geo.territory import Territory

    Read = tuple[pd.DataFrame, InputFile | None, Findings]
    Row = dict[str, str]

ESTABLISHMENTS = Format(
    "les établissements d’enseignement supérieur (MESR)",
    {
        "id": ("identifiant_interne", "uai_identifiant"),
        "nom": ("libelle",),
        "type": ("type_d_etablissement",),
        "secteur": ("secteur_d_etablissement",),
        "point": ("geolocalisation",),
        "siret": ("siret",),
        "commune": ("code_commune",),
        "departement": ("code_departement",),
        "pays": ("pays",),
        "fermeture": ("date_fermeture",),
    },
)
CAMINO = Format(
    "les administrations de Camino (préfectures, DREAL)",
    {
        "id": ("id",),
        "type": ("type",),
        "nom": ("nom",),
        "code_postal": ("code_postal",),
        "ville": ("commune",),
        "commune": ("code_insee",),
    },
)
_ABROAD = "D999"
_FRANCE = "france"
_PUBLIC = "public"
_UNIVERSITY = "université"
_CEDEX = re.compile(r"[ -]*\bcedex\b.*", re.IGNORECASE)
_CORSICA, _OVERSEAS = "20", "97"
_NAMED = 5


def read_establishments(path: Path, territory: Territory) -> Read:
    """Return the public establishments of higher education.

    Set aside and counted: private ones (not the State's), closed ones, blank rows, and those
    abroad, whose code of commune is drawn at random. Codes of département and région are written
    `D002`, `R11`: they are not needed, the point and the commune place each of them.
    """
    table, findings = read_public(path, ESTABLISHMENTS)
    if table is None:
        return service_frame(), None, findings
    aside: dict[str, list[str]] = {}
    records = []
    for row, each in enumerate(table.frame.iter_rows(named=True), start=table.first_row):
        why = _refused(each)
        if why:
            aside.setdefault(why, []).append(each["nom"])
            continue
        lat, lon = _lat_lon(each["point"])
        university = each["type"].casefold() == _UNIVERSITY
        records.append(
            {
                "row": row,
                "service_id": f"esr-{each['id']}",
                "nom": each["nom"],
                "type": "universite" if university else "enseignement_superieur",
                "siret": sound_siret(each["siret"]),
                "commune": each["commune"],
                "lon": lon,
                "lat": lat,
            }
        )
    frame, found = settle_places(public_frame(records, table.file), territory)
    return frame, table.entry, findings + found + _told(aside, table.file)


def read_camino(path: Path, territory: Territory) -> Read:
    """Return préfectures, DREAL, ministries and operators, placed by commune.

    The coordinates of the list are those of the town hall, not of the service: they are not read.
    Without a code, the commune is that of the postal code when it is one, else of its name in the
    département of the postal code.
    """
    table, findings = read_public(path, CAMINO)
    if table is None:
        return service_frame(), None, findings
    names = PlaceNames(territory)
    records = [
        {
            "row": row,
            "service_id": each["id"],
            "nom": each["nom"],
            "type": TYPE_OF_CAMINO.get(each["type"], ""),
            "siret": "",
            "commune": _commune(each, names),
            "lon": np.nan,
            "lat": np.nan,
        }
        for row, each in enumerate(table.frame.iter_rows(named=True), start=table.first_row)
    ]
    frame, found = settle_places(public_frame(records, table.file), territory)
    guessed = sum(not each for each in table.frame["commune"])
    message = (
        f"sans code de commune : {count(guessed, 'service')}, placé par son code postal ou sa ville"
    )
    told = warning(table.file, "code_insee", message, "rien à faire") if guessed else Findings()
    return frame, table.entry, findings + found + told


def _refused(row: Row) -> str:
    """Return why an establishment is set aside, empty when it is kept."""
    if not row["nom"]:
        return "ligne sans nom"
    if row["departement"] == _ABROAD or row["pays"].casefold() not in ("", _FRANCE):
        return "établissement à l’étranger"
    if row["fermeture"]:
        return "établissement fermé"
    return "" if row["secteur"].casefold() == _PUBLIC else "établissement privé, hors de l’État"


def _lat_lon(text: str) -> tuple[float, float]:
    """Return the two numbers of « lat, lon », NaN when they are not two."""
    found = re.findall(r"-?[0-9]+(?:\.[0-9]+)?", text)
    return (float(found[0]), float(found[1])) if len(found) == 2 else (np.nan, np.nan)  # noqa: PLR2004


def _commune(row: Row, names: PlaceNames) -> str:
    territory = names.territory
    if row["commune"] in territory.members["commune"]:
        return row["commune"]
    units = territory.members.get(CODE_POSTAL, {}).get(row["code_postal"])
    if units is not None and len(units) == 1:
        return str(territory.codes[units[0]])
    town = _CEDEX.sub("", row["ville"])
    for departement in _departements(row["code_postal"]):
        found = names.read("commune", f"{town} ({departement})", propose=False)
        if not isinstance(found, Refusal):
            return found
    return ""


def _departements(postal_code: str) -> tuple[str, ...]:
    """Return the départements that a postal code may tell: two in Corsica.

    >>> _departements("20704"), _departements("97300"), _departements("59019")
    (('2A', '2B'), ('973',), ('59',))
    """
    if postal_code.startswith(_CORSICA):
        return ("2A", "2B")
    return (postal_code[:3] if postal_code.startswith(_OVERSEAS) else postal_code[:2],)


def _told(aside: dict[str, list[str]], file: str) -> Findings:
    findings = Findings()
    for why, names in sorted(aside.items()):
        shown = ", ".join(f"« {name} »" for name in names[:_NAMED] if name)
        more = f" et {count(len(names) - _NAMED, 'autre')}" if len(names) > _NAMED else ""
        message = f"{why} : {count(len(names), 'ligne')}" + (f" ({shown}{more})" if shown else "")
        findings += warning(file, "", message, "rien à faire")
    return findings
