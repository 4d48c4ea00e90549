"""The planner's own table `marches`: what cannot be is an error, what is not said sets aside."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import polars as pl

from coverage.frames import BUYER_COLUMNS, CONTRACTS, CONTRACTS_ASIDE
from coverage.origins.buyers import SIREN_DIGITS, buyer_class, known_buyers
from coverage.origins.labour import family_of, read_cpv
from coverage.origins.services import units_at
from data.contracts.official import KEPT, MERGED, READ, told
from data.contracts.places import Spot, find_place
from data.contracts.reasons import Reason
from data.study.faults import Findings, quoted
from data.study.filed_codes import explain_unknown
from geo.errors import Notice

if TYPE_CHECKING:
    from data.study.table_reader import TypedTable
    from geo.territory import Territory

_PPM = 1_000_000
_CENTS = 100

Row = dict[str, Any]


def contracts_of_table(
    typed: TypedTable, territory: Territory, buyers: pd.DataFrame | None = None
) -> tuple[pl.DataFrame, pl.DataFrame, Findings]:
    """Return the contracts of the table, those set aside, and the faults of all its rows.

    A contract without CPV, place or known buyer is set aside with its reason, for the planner may
    not know more; a code that does not exist, a place said twice or by half, an amount of 0 and
    an identifier that comes twice are errors.

    Parameters
    ----------
    typed
        Table `MARCHES`, read cell by cell; rows with a refused cell are errors already.
    buyers
        `coverage.model.Study.buyers`.
    """
    known = known_buyers(pd.DataFrame(columns=list(BUYER_COLUMNS)) if buyers is None else buyers)
    believed = typed.frame.loc[typed.usable(*(column.name for column in typed.table.columns))]
    contracts: list[Row] = []
    aside: list[Row] = []
    findings = _repeated(typed)
    for row in believed.to_dict("records"):
        given = {str(name): None if _is_missing(value) else value for name, value in row.items()}
        faults, contract = _contract(given, typed.file, territory, known)
        findings += faults
        if isinstance(contract, Reason):
            aside.append(_set_aside(given, typed.file, contract))
        elif not faults.faults:
            contracts.append(contract)
    findings += _at_sea(believed, typed.file, territory) + _reasons(contracts, aside, typed.file)
    return (
        pl.DataFrame(contracts, schema=CONTRACTS).sort("contract_id", "acheteur_siret"),
        pl.DataFrame(aside, schema=CONTRACTS_ASIDE).sort("contract_id", "reason", "row"),
        findings,
    )


def _at_sea(rows: pd.DataFrame, file: str, territory: Territory) -> Findings:
    """Warn of points that are in no commune: their hours will be set aside."""
    lon, lat = (rows[name].to_numpy(dtype=np.float64) for name in ("lon", "lat"))
    lost = np.isfinite(lon) & np.isfinite(lat) & (units_at(lon, lat, territory) < 0)
    message = "point hors de toute commune : en mer, à l’étranger, ou dans un trou de la carte"
    remedy = "corrigez les coordonnées, ou donnez plutôt le code de la commune"
    return Findings(
        (), tuple(Notice(file, int(row), "lon", message, remedy) for row in rows.loc[lost, "row"])
    )


def _reasons(contracts: list[Row], aside: list[Row], file: str) -> Findings:
    """Say how many rows bring no hours, and why."""
    if not aside:
        return Findings()
    counts = {READ: len(contracts) + len(aside), KEPT: len(contracts), MERGED: 0}
    return Findings((), tuple(told(file, counts | Counter(row["reason"] for row in aside))))


def _is_missing(value: object) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and bool(np.isnan(value)))


def _contract(
    row: Row, file: str, territory: Territory, known: dict[str, str]
) -> tuple[Findings, Row | Reason]:
    """Return the faults of a row, and its contract or why it is set aside."""
    cpv, in_cpv = _cpv(row)
    spot, in_place = _spot(row, territory)
    class_ = row["donneur_ordre"] or buyer_class(row["acheteur_siret"], "", known)
    notices = [*in_cpv, *in_place]
    if row["montant_eur"] == 0:
        notices.append(("montant_eur", "montant nul", "écrivez le montant, ou retirez la ligne"))
    faults = tuple(Notice(file, int(row["row"]), *notice) for notice in notices)
    remark = spot.remark if isinstance(spot, Spot) else None
    told = () if remark is None else (_told(row, file, remark),)
    findings = Findings(faults, told)
    reasons = (cpv, spot, class_ or Reason.CLASS_UNKNOWN)
    refused = next((why for why in reasons if isinstance(why, Reason)), None)
    if refused is not None and not faults:
        return findings, refused
    return findings, {
        "contract_id": row["marche_id"],
        "source": file,
        "acheteur_siret": row["acheteur_siret"],
        "donneur_ordre": class_ or None,
        "cpv": cpv if not isinstance(cpv, Reason) else "",
        "amount_cents": round(row["montant_eur"] * _CENTS),
        "notified": row["date_notification"],
        "months": int(row["duree_mois"]),
        "niveau": spot.niveau if isinstance(spot, Spot) else None,
        "code": spot.code if isinstance(spot, Spot) else "",
        "lon": row["lon"],
        "lat": row["lat"],
        "labour_ppm": _ppm(row["part_main_oeuvre"]),
        "effort_ppm": _ppm(row["taux_effort"]),
        "programme": row["programme"],
        "clause": None if not row["clause"] else row["clause"] == "oui",
    }


def _told(row: Row, file: str, remark: str) -> Notice:
    message = f"{quoted(row['lieu_code'])} : {remark}"
    return Notice(file, int(row["row"]), "lieu_code", message, "vérifiez que c’est le lieu voulu")


def _ppm(rate: float | None) -> int | None:
    return None if rate is None else round(rate * _PPM)


def _cpv(row: Row) -> tuple[str | Reason, list[tuple[str, str, str]]]:
    """Return the CPV of a row, empty when its own labour share does without."""
    text, own = row["cpv"], row["part_main_oeuvre"] is not None
    cpv = read_cpv(text)
    family = family_of(cpv) if cpv else None
    if text and family is None:
        message = f"code CPV {quoted(text)} inconnu ; attendu : 8 chiffres"
        return "", [
            ("cpv", message, "prenez le code dans la nomenclature CPV, ou videz la cellule")
        ]
    if own:
        return cpv, []
    if family is None:
        return Reason.CPV_UNREADABLE, []
    if not family.convertible:
        return Reason.SUPPLIES if family.nature == "fournitures" else Reason.NO_HOURS, []
    return cpv, []


def _spot(row: Row, territory: Territory) -> tuple[Spot | Reason, list[tuple[str, str, str]]]:
    """Return the place of a row: a point, or a code of a kind."""
    code, kind = row["lieu_code"], row["lieu_type"]
    point = (row["lon"] is not None, row["lat"] is not None)
    if any(point):
        return _point(row, whole=all(point), coded=bool(code or kind))
    if kind == "pays":
        return Spot("pays", ""), []
    if bool(code) != bool(kind):
        missing = "lieu_type" if code else "lieu_code"
        remedy = "remplissez les deux cellules du lieu, ou videz-les"
        return Reason.PLACE_ABSENT, [(missing, "lieu dit à moitié", remedy)]
    found = find_place(kind, code, territory)
    if found is Reason.PLACE_UNKNOWN:
        return found, [("lieu_code", *_unknown(kind, code, territory))]
    return found, []


def _unknown(kind: str, code: str, territory: Territory) -> tuple[str, str]:
    if kind in territory.members:
        return explain_unknown(code, kind, territory, propose=True)
    message = f"code {quoted(code)} inconnu : {kind}"
    return message, "vérifiez le code, ou donnez celui de la commune"


def _point(
    row: Row, *, whole: bool, coded: bool
) -> tuple[Spot | Reason, list[tuple[str, str, str]]]:
    if not whole:
        missing = "lat" if row["lat"] is None else "lon"
        return Reason.PLACE_ABSENT, [(missing, "point dit à moitié", "donnez lon et lat")]
    if coded:
        remedy = "gardez le point, ou le code et sa nature"
        return Reason.PLACE_ABSENT, [
            ("lieu_code", "lieu dit deux fois, par un point et par un code", remedy)
        ]
    return Spot("point", ""), []


def _set_aside(row: Row, file: str, reason: Reason) -> Row:
    found = {
        Reason.CLASS_UNKNOWN: row["acheteur_siret"][:SIREN_DIGITS],
        Reason.SUPPLIES: row["cpv"],
        Reason.NO_HOURS: row["cpv"],
    }
    return {
        "source": file,
        "row": int(row["row"]),
        "contract_id": row["marche_id"],
        "reason": reason.value,
        "found": found.get(reason, ""),
        "amount_cents": round(row["montant_eur"] * _CENTS),
    }


def _repeated(typed: TypedTable) -> Findings:
    """Report the contracts of one buyer that come twice."""
    rows = typed.frame.loc[typed.filled("marche_id") & typed.usable("acheteur_siret")]
    key = ["marche_id", "acheteur_siret"]
    first = rows.groupby(key, sort=False)["row"].transform("first")
    again = rows[rows["row"] != first]
    return Findings(
        tuple(
            Notice(
                typed.file,
                int(row),
                "marche_id",
                f"marché {quoted(name)} déjà déclaré ligne {earlier} pour le même acheteur",
                "gardez une seule des deux lignes, ou distinguez leurs identifiants",
            )
            for row, name, earlier in zip(
                again["row"], again["marche_id"], first[again.index], strict=True
            )
        )
    )
