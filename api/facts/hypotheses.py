"""Figures that rest on a hypothesis still to be documented say so where they show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coverage.parameters import Parameters
from coverage.wording import THIN, class_shares, indicator_weights

if TYPE_CHECKING:
    from collections.abc import Collection

TO_DOCUMENT = "à documenter"
"""What the basis of such a parameter says."""


@dataclass(frozen=True)
class Hypothesis:
    """A hypothesis under some hours: its parameter, what it says, and whether it is documented."""

    parametre: str
    phrase: str
    a_documenter: bool


def hypotheses(parameters: Parameters, origins: Collection[str]) -> list[Hypothesis]:
    """Return the hypotheses under the hours of some origins (`coverage.trace.ORIGINES`)."""
    found = []
    if "marches" in origins:
        found.append(_of_contracts(parameters))
    if "composite" in origins:
        weights = indicator_weights(parameters.poids_indicateurs)
        found.append(
            _hypothesis(
                parameters,
                "poids_indicateurs",
                "Les heures composites sont un second choix, réparti selon le poids des "
                f"indicateurs ({weights})",
            )
        )
    return found


def _of_contracts(parameters: Parameters) -> Hypothesis:
    name = "part_marches_clausables"
    if parameters.scenario_clauses == "pnad_30":
        text = f"Les heures des marchés supposent une clause dans 30{THIN}% d’entre eux, objectif "
        return Hypothesis(
            "scenario_clauses",
            f"{text}du plan national pour des achats durables{THIN}: un scénario, pas un constat.",
            a_documenter=True,
        )
    shares = class_shares(parameters.part_marches_clausables)
    text = (
        f"Les heures des marchés supposent une clause réaliste dans une part d’entre eux ({shares}"
    )
    if parameters.scenario_clauses == "loi_2026":
        text += f"{THIN}; tous au-dessus des seuils européens à partir du 22 août 2026"
    return _hypothesis(parameters, name, f"{text})")


def _hypothesis(parameters: Parameters, name: str, text: str) -> Hypothesis:
    if getattr(parameters, name) == getattr(Parameters(), name):
        return Hypothesis(name, f"{text}{THIN}: hypothèse à documenter.", a_documenter=True)
    return Hypothesis(name, f"{text}{THIN}: valeurs de cette étude.", a_documenter=False)
