r"""The coverage once some options are posts in force, decided by the method as any other study.

An option is a supply node of its own (method, section 8): its post is filed under an identifier of
its own, beside the structure that would carry it. It then serves its perimeter and nothing else,
and the posts in place serve theirs and nothing else.

No fair rate falls. Let :math:`f(S)` be the most hours that demands :math:`S` can be served,
:math:`f'` the same with the new posts, :math:`x` and :math:`y` the hours of the fair flows before
and after. A demand is worth more where there is more supply (L. S. Shapley, *Complements and
substitutes in the optimal assignment problem*, 1962): :math:`f' - f` grows with :math:`S`. For any
rate :math:`r`, the demands :math:`U` of rate at most :math:`r` before have :math:`x(U) = f(U)`,
and those after, :math:`T`, have :math:`y(T) = f'(T)`. If :math:`T \setminus U` were not empty,

.. math::

    y(T \setminus U) \ge f'(T) - f'(T \cap U) \ge f'(T \cup U) - f'(U) \ge f(T \cup U) - f(U)
    \ge x(T \setminus U) > y(T \setminus U),

so :math:`T` is within :math:`U` at every rate. `less_served` looks at every place all the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pandas as pd

from coverage.proposals.limits import FACILITATOR, KEPT
from coverage.proposals.network import existing_posts
from coverage.proposals.verify import PlanDisagreementError
from coverage.study import compute
from coverage.wording import named, plural
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from coverage.model import Coverage, Study
    from coverage.proposals.model import Ask, ExactPlan, Extension, Option
    from coverage.supply import SupplyKey
    from geo.territory import Territory

POST = "+"
"""Between a structure and an option, in what the post of an option is filed under."""


def coverage_after(
    ask: Ask, chosen: Collection[int], extensions: Sequence[Extension] = ()
) -> Coverage:
    """Return the coverage of the study's year with the posts of some options in force.

    Posts kept from an earlier call are in force already, and coordinators serve no hours: they
    change nothing here. The years that follow are left out.

    Parameters
    ----------
    extensions
        Without a post, with the hours that posts in place lend to each: these hours then serve its
        perimeter alone.
    """
    coverage = ask.coverage
    study, territory = coverage.study, coverage.territory
    after = with_posts(study, territory, [ask.options[k] for k in chosen])
    if extensions:
        after = _with_loans(after, extensions, existing_posts(coverage), territory)
    return compute(replace(after, last_year=study.year), territory)


def filed_as(option: Option) -> str:
    """Return the identifier of structure that the post of an option is filed under."""
    return f"{option.structure_id}{POST}{option.option_id}"


def with_posts(study: Study, territory: Territory, options: Sequence[Option]) -> Study:
    """Return a study with the facilitators of some options filed, newly funded this year."""
    rows = _Rows(study, territory)
    for option in sorted(options, key=lambda option: option.option_id):
        if option.volet == FACILITATOR and option.origin != KEPT:
            name = filed_as(option)
            rows.structure(name, option.structure_id, f"{option.structure_name} (poste proposé)")
            rows.post(name, option.etp, option.scope, f"aap_{study.year}")
            rows.perimeter(name, option.units)
    return rows.filed()


def _with_loans(
    study: Study, extensions: Sequence[Extension], table: pd.DataFrame, territory: Territory
) -> Study:
    """Return a study where lent hours are posts of their own, taken off those that lend them.

    Parameters
    ----------
    table
        The supply nodes that `Extension.served` numbers.
    """
    rows = _Rows(study, territory)
    lent: dict[SupplyKey, Fraction] = {}
    for each in extensions:
        name = f"{each.structure_id}{POST}{each.extension_id}"
        rows.structure(name, each.structure_id, f"{each.structure_name} (extension proposée)")
        rows.perimeter(name, each.units)
        own = study.structures["heures_par_etp"][each.structure_id]
        productivity = study.parameters.heures_par_etp if pd.isna(own) else int(own)
        for number, hours in each.served:
            scope, exact = table["scope"].iloc[number], table["exact"].iloc[number]
            key = (each.structure_id, scope)
            lent[key] = lent.get(key, Fraction(0)) + hours / exact
            served = tuple(class_ for class_ in scope if class_ in each.scope)
            rows.post(name, Fraction(hours, productivity), served, "")
    return rows.filed(lent)


def less_served(before: Coverage, after: Coverage) -> tuple[str, ...]:
    """Return the communes whose rate of response, in all or of the State, fell; none should."""
    fallen = set()
    for name in ("taux_reponse", "taux_reponse_etat"):
        for commune, old, new in zip(
            before.communes.index, before.communes[name], after.communes[name], strict=True
        ):
            if old is not None and (new is None or new < old):
                fallen.add(str(commune))
    return tuple(sorted(fallen))


def none_loses(
    before: Coverage, listed: Coverage, planned: Coverage, plan: ExactPlan
) -> tuple[Notice, ...]:
    """Check that no commune is less served with new posts; say which are by extensions lent.

    Hours that a structure lends may be those that it gives today by an extension without a post,
    which the method counts as unserved.

    Raises
    ------
    PlanDisagreementError
        When posts alone make a commune less served.
    """
    fallen = less_served(before, planned)
    alone = less_served(before, listed) or (() if plan.extensions else fallen)
    if alone:
        raise PlanDisagreementError([f"des communes seraient moins servies ({named(alone)})"])
    if not fallen:
        return ()
    message = (
        f"{plural(len(fallen), 'commune que sert', 'communes que servent')} aujourd’hui une "
        f"extension limitrophe le seraient moins avec le plan exact ({named(fallen)})"
    )
    remedy = "regarder les extensions sans poste du plan, ou ne comparer que des postes"
    return (Notice("", 0, "", message, remedy),)


@dataclass
class _Rows:
    """Rows to be added to the tables of a study."""

    study: Study
    territory: Territory
    structures: dict[str, dict[str, Any]] = field(default_factory=dict)
    posts: list[dict[str, Any]] = field(default_factory=list)
    perimeters: list[dict[str, Any]] = field(default_factory=list)

    def structure(self, name: str, like: str, words: str) -> None:
        """Add a structure, like one of the study if it has it."""
        filed = self.study.structures
        own = filed.loc[like].to_dict() if like in filed.index else {}
        texts = {"siret": "", "statut_juridique": ""}
        self.structures[name] = {**texts, **own, "row": 0, "nom": words}  # type: ignore[dict-item]

    def post(self, name: str, etp: Fraction, scope: tuple[str, ...], funding: str) -> None:
        """Add a facilitator in force all the year."""
        own = {"row": 0, "poste_id": name, "structure_id": name, "volet": FACILITATOR, "etp": etp}
        dates = {"debut": None, "fin": None}
        self.posts.append({**own, "donneurs_ordre": scope, "financement": funding, **dates})

    def perimeter(self, name: str, units: Sequence[int]) -> None:
        """Add a principal perimeter, commune by commune."""
        own = {"row": 0, "structure_id": name, "volet": FACILITATOR, "nature": "principal"}
        self.perimeters += [
            {**own, "niveau": "commune", "code": str(self.territory.codes[unit]), "etat": "valide"}
            for unit in units
        ]

    def filed(self, lent: Mapping[SupplyKey, Fraction] | None = None) -> Study:
        """Return the study with the rows.

        Parameters
        ----------
        lent
            Part of their hours that posts in place lend, by structure and scope.
        """
        study = self.study
        if not self.structures:
            return study
        names = pd.Index(self.structures, name=study.structures.index.name)
        structures = pd.DataFrame(list(self.structures.values()), index=names)
        posts = study.posts.assign(etp=_left(study.posts, lent or {}))
        return replace(
            study,
            structures=_added(study.structures, structures),
            posts=_added(posts, pd.DataFrame(self.posts), anew=True),
            perimeters=_added(study.perimeters, pd.DataFrame(self.perimeters), anew=True),
        )


def _left(posts: pd.DataFrame, lent: Mapping[SupplyKey, Fraction]) -> pd.Series:
    """Return the ETP of posts without the part of their hours that they lend."""
    keys = zip(posts["structure_id"], posts["donneurs_ordre"], posts["volet"], strict=True)
    left = [
        etp * (1 - lent.get((structure, scope), Fraction(0))) if volet == FACILITATOR else etp
        for etp, (structure, scope, volet) in zip(posts["etp"], keys, strict=True)
    ]
    return pd.Series(left, index=posts.index, dtype=object)


def _added(filed: pd.DataFrame, rows: pd.DataFrame, *, anew: bool = False) -> pd.DataFrame:
    """Return a table with rows added, of the same columns and types."""
    rows = rows.reindex(columns=filed.columns)
    types = {name: filed[name].dtype for name in filed.columns}
    return pd.concat([filed, rows.astype(types)], ignore_index=anew)
