"""What every dossier of a study is judged by, worked out once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from coverage.basis import build_basis

if TYPE_CHECKING:
    from coverage.basis import Basis
    from coverage.model import Coverage
    from coverage.proposals.application import Application
    from coverage.proposals.model import Call


@dataclass(frozen=True)
class Bench:
    """A study decided, the call, and all the applications that stand before it.

    Attributes
    ----------
    call
        With the values that the study gives to its rules.
    applications
        All those that can be understood, the one examined included.
    """

    coverage: Coverage
    call: Call
    applications: tuple[Application, ...] = ()

    @cached_property
    def basis(self) -> Basis:
        """The posts, flows and statuses behind the coverage."""
        return build_basis(self.coverage.study, self.coverage.territory)
