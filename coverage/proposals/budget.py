"""The money of a plan: by post, région and year, against the envelope (method, section 8).

Whole cents everywhere: the cost of a post is what its funders bring and what is still to find, and
a subsidy is its advance and its balance, to the cent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING

import pandas as pd

from coverage.proposals.limits import CENTS, KEPT, number_of
from coverage.proposals.model import FUNDERS, HUNDREDTHS, STATE_FUNDERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from coverage.proposals.model import Ask, Call, Option

COMMITMENT, ADVANCE, BALANCE = "engagement", "avance", "solde"
"""Natures of lines: what is promised at signature, then both payments of it."""

OTHERS = tuple(kind for kind in FUNDERS if kind != "etat_aap")
"""Types of funders other than the call."""

MONEY = (
    *("cout_cents", "part_etat_cents", *(f"{kind}_cents" for kind in OTHERS)),
    *("a_trouver_cents", "a_trouver_hors_etat_cents", "excedent_cents"),
)
"""Columns of money of `Budget.posts` and `Budget.regions`: the cost; what the call brings; what
each type of funder brings; what is still to find, and how much of it cannot be State money; what
is brought beyond the cost. Cost = call + funders + to find − beyond."""


@dataclass(frozen=True)
class Budget:
    """The money of a plan, in whole cents.

    Attributes
    ----------
    posts
        One row an option, by identifier: `option_id`, `structure_id`, `region`, `volet`,
        `origine`, `etp_centiemes`, `taux_etat` (Fraction), `signature`, `fin` (dates), `MONEY`.
    lines
        One row an option, nature and year, in order: `option_id`, `structure_id`, `region`,
        `volet`, `origine`, `annee`, `nature`, `cents`.
    regions
        Index `region`: `postes`, `etp_centiemes`, `MONEY`.
    years
        Index `annee`: `engagement`, `avance`, `solde`, and `paye`, the sum of the last two.
    totals
        `envelope_cents` (None without one), `engage_cents`, `reste_cents`, money of kept and of
        new posts; national figures of ETP to reconcile.
    """

    posts: pd.DataFrame
    lines: pd.DataFrame
    regions: pd.DataFrame
    years: pd.DataFrame
    totals: Mapping[str, int | None]


def build_budget(
    ask: Ask,
    chosen: Iterable[int],
    *,
    signature: date | None = None,
    signatures: Mapping[str, date] | None = None,
) -> Budget:
    """Return the budget of some options.

    Parameters
    ----------
    signature
        Of the conventions, by default that of the call; the action runs from there.
    signatures
        Option → its own date, where it differs.
    """
    own_dates = signatures or {}
    options = sorted((ask.options[k] for k in chosen), key=lambda option: option.option_id)
    dates = [own_dates.get(option.option_id, signature or ask.call.signed) for option in options]
    posts = pd.DataFrame(
        [_post(option, ask.call, day) for option, day in zip(options, dates, strict=True)],
        columns=[*_OWN, "etp_centiemes", "taux_etat", "signature", "fin", *MONEY],
    )
    lines = pd.DataFrame(
        [
            line
            for option, day in zip(options, dates, strict=True)
            for line in _lines(option, ask.call, day)
        ],
        columns=[*_OWN, "annee", "nature", "cents"],
    ).astype({"annee": "int64", "cents": "int64"})
    return Budget(
        posts=posts,
        lines=lines,
        regions=_by_region(posts),
        years=_by_year(lines),
        totals=_totals(ask.call, options),
    )


_OWN = ("option_id", "structure_id", "region", "volet", "origine")


def _identity(option: Option) -> dict[str, object]:
    values = (
        *(option.option_id, option.structure_id, option.region),
        *(option.volet, option.origin),
    )
    return dict(zip(_OWN, values, strict=True))


def _post(option: Option, call: Call, day: date) -> dict[str, object]:
    brought = dict.fromkeys(OTHERS, 0)
    for kind, cents in option.funding:
        brought[kind] += cents
    missing = option.cost_cents - option.state_cents - sum(brought.values())
    to_find = max(missing, 0)
    return {
        **_identity(option),
        "etp_centiemes": option.hundredths,
        "taux_etat": Fraction(option.state_cents, option.cost_cents) if option.cost_cents else None,
        "signature": day,
        "fin": action_end(day, call),
        "cout_cents": option.cost_cents,
        "part_etat_cents": option.state_cents,
        **{f"{kind}_cents": cents for kind, cents in brought.items()},
        "a_trouver_cents": to_find,
        "a_trouver_hors_etat_cents": min(to_find, _not_state(option, call)),
        "excedent_cents": max(-missing, 0),
    }


def _not_state(option: Option, call: Call) -> int:
    """Return what the State may not pay of a post: 20 % for a collectivité, nothing otherwise."""
    cap = number_of(call, "plafond_etat_collectivite")
    if not option.collectivite or cap is None:
        return 0
    others = sum(cents for kind, cents in option.funding if kind not in STATE_FUNDERS)
    return max(option.cost_cents - floor(cap * option.cost_cents) - others, 0)


def action_end(signed: date, call: Call) -> date:
    """Return the last day of an action that starts at its signature.

    The call's years are rolling ones: an action signed on 1 July ends on 30 June.
    """
    years = int(number_of(call, "duree_ans") or 1)
    leap = (signed.month, signed.day) == (2, 29)
    return signed.replace(year=signed.year + years, day=28 if leap else signed.day) - timedelta(
        days=0 if leap else 1
    )


def payments(state_cents: int, signed: date, call: Call) -> tuple[tuple[str, int, int], ...]:
    """Return the advance and the balance of a subsidy: nature, year, cents.

    The balance is due once the action is carried out: the year of its last day.
    """
    share = number_of(call, "avance") or Fraction(0)
    advance = floor(state_cents * share + Fraction(1, 2))
    return (
        (ADVANCE, signed.year, advance),
        (BALANCE, action_end(signed, call).year, state_cents - advance),
    )


def _lines(option: Option, call: Call, day: date) -> list[dict[str, object]]:
    """Return what is promised at signature, and both payments with their years."""
    parts = ((COMMITMENT, day.year, option.state_cents), *payments(option.state_cents, day, call))
    return [
        _identity(option) | {"annee": year, "nature": nature, "cents": cents}
        for nature, year, cents in parts
    ]


def _by_region(posts: pd.DataFrame) -> pd.DataFrame:
    columns = ["etp_centiemes", *MONEY]
    whole = posts.astype(dict.fromkeys(columns, "int64"))
    sums = whole.groupby("region", sort=True)[columns].sum()
    sums.insert(0, "postes", whole.groupby("region", sort=True).size())
    return sums


def _by_year(lines: pd.DataFrame) -> pd.DataFrame:
    table = lines.pivot_table(
        index="annee", columns="nature", values="cents", aggfunc="sum", fill_value=0
    )
    table = table.reindex(columns=[COMMITMENT, ADVANCE, BALANCE], fill_value=0).astype("int64")
    table.columns.name = None
    return table.assign(paye=table[ADVANCE] + table[BALANCE])


def _totals(call: Call, options: list[Option]) -> dict[str, int | None]:
    budget = number_of(call, "budget_eur")
    envelope = None if budget is None else floor(budget * CENTS)
    kept = [option for option in options if option.origin == KEPT]
    spent = sum(option.state_cents for option in options)
    spent_kept = sum(option.state_cents for option in kept)
    return {
        "enveloppe_cents": envelope,
        "engage_cents": spent,
        "engage_conserves_cents": spent_kept,
        "engage_nouveaux_cents": spent - spent_kept,
        "reste_cents": None if envelope is None else envelope - spent,
        "conserves_centiemes": sum(option.hundredths for option in kept),
        "nouveaux_centiemes": sum(o.hundredths for o in options) - sum(o.hundredths for o in kept),
        **national_figures(call),
    }


def national_figures(call: Call) -> dict[str, int]:
    """Return the ETP that the call states, in hundredths, and what its total has over their sum.

    2023: about 400 facilitators, 83 kept and 90 new posts make 573, for 585 announced.
    """
    names = {
        "national_existants_centiemes": "facilitateurs_existants",
        "national_conserves_centiemes": "postes_conserves",
        "national_nouveaux_centiemes": "objectif",
    }
    told = {key: _hundredths(call, rule) for key, rule in names.items()}
    announced = _hundredths(call, "total_annonce")
    return {
        **told,
        "national_somme_centiemes": sum(told.values()),
        "national_annonce_centiemes": announced,
        "national_ecart_centiemes": announced - sum(told.values()),
    }


def _hundredths(call: Call, name: str) -> int:
    return floor((number_of(call, name) or Fraction(0)) * HUNDREDTHS)
