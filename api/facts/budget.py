"""The money of the exact plan: envelope, years, régions, posts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.facts.money import Money, Share, etp, money, optional_money, share
from api.facts.places import fold
from api.facts.proposals import ORIGIN_NAMES, region_name
from api.facts.values import Amount  # noqa: TC001 - the description reads it at run time
from coverage.proposals.budget import ADVANCE, BALANCE, COMMITMENT, MONEY, OTHERS, build_budget
from coverage.proposals.limits import limits_of
from coverage.wording import FUNDER_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from api.proposed import Proposed
    from coverage.proposals.model import Option


@dataclass(frozen=True)
class FunderFacts:
    """What a type of funder other than the call brings."""

    type: str
    nom: str
    montant: Money


@dataclass(frozen=True)
class PaymentLine:
    """One year: what is promised at signature, what is paid then, what is paid at the end.

    Attributes
    ----------
    paye
        `avance` + `solde`.
    """

    annee: int
    engagement: Money
    avance: Money
    solde: Money
    paye: Money


@dataclass(frozen=True)
class CostFacts:
    """Costs of some posts and who bears them.

    Attributes
    ----------
    a_trouver_hors_etat
        Part of `a_trouver` that the State may not pay.
    excedent
        What funders bring beyond the cost.
    """

    etp: Amount
    cout: Money
    part_etat: Money
    financeurs: list[FunderFacts]
    a_trouver: Money
    a_trouver_hors_etat: Money
    excedent: Money


@dataclass(frozen=True)
class PostBudget(CostFacts):
    """The money of one post of the plan."""

    option_id: str
    etp_centiemes: int
    structure_id: str
    structure: str
    region: str
    region_nom: str
    volet: str
    origine: str
    origine_nom: str
    taux_etat: Share
    signature: str
    fin: str
    paiements: list[PaymentLine]


@dataclass(frozen=True)
class RegionBudget(CostFacts):
    """The money of the posts of one région."""

    region: str
    region_nom: str
    postes: int


@dataclass(frozen=True)
class NationalEtp:
    """ETP that the call states for the whole country, to reconcile: its total exceeds their sum."""

    existants: Amount
    conserves: Amount
    nouveaux: Amount
    somme: Amount
    annonce: Amount
    ecart: Amount


@dataclass(frozen=True)
class BudgetFacts:
    """The money of the exact plan against the envelope.

    Attributes
    ----------
    enveloppe, reste, objectif
        None when the rule is off.
    objectif_unite
        `etp` or `postes`.
    objectif_compte
        What the new posts of the plan count, in this unit.
    annees, regions, postes
        Of the région asked for, or of all; what stands above is always the whole plan.
    """

    enveloppe: Money | None
    engage: Money
    engage_conserves: Money
    engage_nouveaux: Money
    reste: Money | None
    etp_conserves: Amount
    etp_nouveaux: Amount
    objectif: Amount | None
    objectif_unite: str
    objectif_compte: Amount
    national: NationalEtp
    annees: list[PaymentLine]
    regions: list[RegionBudget]
    postes: list[PostBudget]


def budget_facts(proposed: Proposed, region: str = "") -> BudgetFacts:
    """Return the money of the plan; by year, région and post, that of a région when one is asked.

    Parameters
    ----------
    region
        Code, empty for all.
    """
    found = proposed.found
    budget, limits = found.budget, limits_of(found.ask)
    totals: dict[str, Any] = dict(budget.totals)
    chosen = [found.ask.options[k] for k in found.plan.chosen]
    in_etp = limits.unit == "etp"

    def counted(value: int) -> Amount:
        return etp(value) if in_etp else etp(100 * value)

    posts, lines = budget.posts, budget.lines
    if region:
        posts, lines = posts[posts["region"] == region], lines[lines["region"] == region]
    names = ("existants", "conserves", "nouveaux", "somme", "annonce", "ecart")
    return BudgetFacts(
        enveloppe=optional_money(totals["enveloppe_cents"]),
        engage=money(totals["engage_cents"]),
        engage_conserves=money(totals["engage_conserves_cents"]),
        engage_nouveaux=money(totals["engage_nouveaux_cents"]),
        reste=optional_money(totals["reste_cents"]),
        etp_conserves=etp(totals["conserves_centiemes"]),
        etp_nouveaux=etp(totals["nouveaux_centiemes"]),
        objectif=None if limits.objective is None else counted(limits.objective),
        objectif_unite=limits.unit,
        objectif_compte=counted(sum(map(limits.weight, chosen))),
        national=NationalEtp(*(etp(totals[f"national_{name}_centiemes"]) for name in names)),
        annees=payments(lines),
        regions=_regions(proposed, posts),
        postes=[_post(proposed, row, lines) for row in posts.to_dict("records")],
    )


def posts_of(proposed: Proposed, places: Iterable[int]) -> list[PostBudget]:
    """Return the money of some options, chosen or not, by identifier.

    Parameters
    ----------
    places
        Positions among the options of the computation.
    """
    budget = build_budget(proposed.found.ask, places)
    return [_post(proposed, row, budget.lines) for row in budget.posts.to_dict("records")]


def funders(option: Option) -> list[FunderFacts]:
    """Return what each type of funder other than the call brings to a post."""
    brought: dict[str, int] = {}
    for kind, cents in option.funding:
        brought[kind] = brought.get(kind, 0) + cents
    return _funders({f"{kind}_cents": cents for kind, cents in brought.items()})


def payments(lines: pd.DataFrame) -> list[PaymentLine]:
    """Return what is promised and paid in each year of some lines of a budget."""
    sums: dict[int, dict[str, int]] = {}
    for year, nature, cents in lines[["annee", "nature", "cents"]].itertuples(
        index=False, name=None
    ):
        own = sums.setdefault(int(year), dict.fromkeys((COMMITMENT, ADVANCE, BALANCE), 0))
        own[nature] += int(cents)
    return [
        PaymentLine(
            annee=year,
            engagement=money(own[COMMITMENT]),
            avance=money(own[ADVANCE]),
            solde=money(own[BALANCE]),
            paye=money(own[ADVANCE] + own[BALANCE]),
        )
        for year, own in sorted(sums.items())
    ]


def _post(proposed: Proposed, row: dict[Any, Any], lines: pd.DataFrame) -> PostBudget:
    name = str(row["option_id"])
    option = proposed.found.ask.options[proposed.found.position[name]]
    return PostBudget(
        **_costs({column: int(row[column]) for column in ("etp_centiemes", *MONEY)}),
        option_id=name,
        etp_centiemes=option.hundredths,
        structure_id=option.structure_id,
        structure=option.structure_name,
        region=option.region,
        region_nom=region_name(proposed, option.region),
        volet=option.volet,
        origine=option.origin,
        origine_nom=ORIGIN_NAMES[option.origin],
        taux_etat=share(row["taux_etat"]),
        signature=row["signature"].isoformat(),
        fin=row["fin"].isoformat(),
        paiements=payments(lines[lines["option_id"] == name]),
    )


def _regions(proposed: Proposed, posts: pd.DataFrame) -> list[RegionBudget]:
    found: dict[str, dict[str, int]] = {}
    counts: dict[str, int] = {}
    columns = ("etp_centiemes", *MONEY)
    for row in posts.to_dict("records"):
        own = found.setdefault(row["region"], dict.fromkeys(columns, 0))
        counts[row["region"]] = counts.get(row["region"], 0) + 1
        for column in columns:
            own[column] += int(row[column])
    lines = [
        RegionBudget(
            **_costs(own),
            region=region,
            region_nom=region_name(proposed, region),
            postes=counts[region],
        )
        for region, own in found.items()
    ]
    return sorted(lines, key=lambda line: (fold(line.region_nom), line.region))


def _costs(cents: dict[str, int]) -> dict[str, Any]:
    return {
        "etp": etp(cents["etp_centiemes"]),
        "cout": money(cents["cout_cents"]),
        "part_etat": money(cents["part_etat_cents"]),
        "financeurs": _funders(cents),
        "a_trouver": money(cents["a_trouver_cents"]),
        "a_trouver_hors_etat": money(cents["a_trouver_hors_etat_cents"]),
        "excedent": money(cents["excedent_cents"]),
    }


def _funders(cents: dict[str, int]) -> list[FunderFacts]:
    return [
        FunderFacts(kind, FUNDER_NAMES[kind], money(cents[f"{kind}_cents"]))
        for kind in OTHERS
        if cents.get(f"{kind}_cents")
    ]
