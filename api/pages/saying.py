"""What pages that show opinions share: the words of their forms, who may give one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Query

from api.access.roles import Action
from api.opinions.asked import PLAIN
from api.opinions.voices import refused
from coverage.proposals.decisions import AVIS_NAMES, INSTANCE_NAMES

if TYPE_CHECKING:
    from api.facts.opinions import Voices
    from api.opinions.recorded import Opinions
    from api.studies import OpenStudy

POST = "poste"
"""What a form of the page of a post says of itself, to come back there."""

RecordedAsked = Annotated[int | None, Query(ge=1, le=2**31 - 1)]
"""Number of the opinion that was just recorded."""


def opinion_content(study: OpenStudy, voices: Voices, opinions: Opinions | None) -> dict[str, Any]:
    """Return what every page that shows or asks for opinions needs."""
    made = voices.made
    return {
        "instances": INSTANCE_NAMES,
        "avis_names": AVIS_NAMES,
        "plain": {name: AVIS_NAMES[name] for name in PLAIN},
        "kept": opinions is not None,
        "today": "" if opinions is None else opinions.store.clock().date().isoformat(),
        "no_opinion": refused(opinions, study, Action.DONNER_AVIS),
        "no_decision": refused(opinions, study, Action.VERROUILLER),
        "ranked": {} if made is None else made.ranked,
        "computed": made is not None,
    }
