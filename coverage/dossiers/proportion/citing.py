"""The rules that a proportion rests on, as findings cite them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coverage.dossiers.model import Finding
from coverage.parameters import definitions
from coverage.wording import THIN

if TYPE_CHECKING:
    from coverage.proposals.model import Call


@dataclass(frozen=True)
class Cited:
    """What the call, or the study's method, says: a rule's name, its heading, its paraphrase."""

    rule: str
    heading: str
    text: str

    def line(self, level: str, place: str, message: str, remedy: str = "") -> Finding:
        """Return a finding that cites it."""
        return Finding(level, self.rule, self.heading, self.text, place, message, remedy)


COST = Cited(
    "cout_etp_eur",
    "Méthode de l’étude",
    f"Coût de référence d’un ETP{THIN}: {definitions()['cout_etp_eur'].basis}.",
)


def of_call(call: Call, name: str) -> Cited:
    """Return a rule of the call."""
    rule = call.rules[name]
    return Cited(name, rule.heading, rule.text)
