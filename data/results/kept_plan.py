"""An exact plan as the register keeps it: enough to decide the same again without the search.

The search is the one step whose answer depends on the machine and the moment; all the rest follows
from the study, and is computed anew. A plan that is read back is checked like one just found.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import orjson

from coverage.proposals.model import Ask, ExactPlan, Extension

if TYPE_CHECKING:
    from collections.abc import Mapping

PLAN_FILE = "plan_exact.json"

_FORM = 1


@dataclass(frozen=True)
class KeptPlan:
    """A plan and what it was made from.

    Attributes
    ----------
    program
        Version of the program.
    study
        Digest of what was read of the study and of the territory.
    mark
        That of what lies beside the study (applications, opinions).
    options
        Identifiers of the options that were weighed, in the order that the plan counts them.
    """

    plan: ExactPlan
    program: str
    study: str
    mark: str
    options: tuple[str, ...]

    def weighs(self, ask: Ask) -> bool:
        """Tell whether an ask weighs the very options that the plan was chosen among."""
        return self.options == tuple(option.option_id for option in ask.options)


def kept_plan_json(kept: KeptPlan) -> bytes:
    """Return a plan and what it was made from as a file."""
    return orjson.dumps({"forme": _FORM, **asdict(kept)}, option=orjson.OPT_INDENT_2)


def read_kept_plan(content: bytes) -> KeptPlan | None:
    """Return what a file holds, None when another version of the program wrote another form."""
    told: dict[str, Any] = orjson.loads(content)
    if told.pop("forme", None) != _FORM:
        return None
    return KeptPlan(
        plan=_plan(told["plan"]),
        program=told["program"],
        study=told["study"],
        mark=told["mark"],
        options=tuple(told["options"]),
    )


def _plan(told: Mapping[str, Any]) -> ExactPlan:
    return ExactPlan(
        chosen=tuple(told["chosen"]),
        attained=told["attained"],
        bounds=told["bounds"],
        mode=told["mode"],
        zones=tuple(told["zones"]),
        extensions=tuple(map(_extension, told["extensions"])),
    )


def _extension(told: Mapping[str, Any]) -> Extension:
    return Extension(
        extension_id=told["extension_id"],
        structure_id=told["structure_id"],
        structure_name=told["structure_name"],
        scope=tuple(told["scope"]),
        units=tuple(told["units"]),
        zone_ids=tuple(told["zone_ids"]),
        region=told["region"],
        origin=told["origin"],
        served=tuple((number, hours) for number, hours in told["served"]),
    )
