"""What routes about opinions ask for: the register's, all that was said, the envelope notified."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request

from api.access.errors import NotAllowedError
from api.access.guards import judge, regions_of
from api.dependencies import (  # noqa: TC001 - FastAPI reads them at run time
    ProposingAsked,
    RegionAsked,
    StudyAsked,
)
from api.facts.opinions import Voices
from api.opinions.asked import known_of, read_opinion
from api.opinions.recorded import Opinions
from data.store.envelopes import Envelope, envelope_of
from geo.errors import NotReadyError

if TYPE_CHECKING:
    from collections.abc import Collection

    from api.access.roles import Action
    from api.opinions.asked import Typed
    from api.proposed import Proposed
    from api.register import Register
    from api.studies import OpenStudy
    from data.store.opinions import RecordedOpinion

NOT_KEPT = (
    "cette étude vient d’un dossier, où l’application n’écrit rien → la déposer au registre, la "
    "servir de là, puis recommencer"
)


def opinions_of(request: Request, study: StudyAsked) -> Opinions | None:
    """Return the opinions that the register keeps of the study, None for that of a folder."""
    register: Register | None = getattr(request.app.state, "register", None)
    if register is None or study.frozen is None:
        return None
    return Opinions(register.store, study.frozen.slug)


OpinionsAsked = Annotated[Opinions | None, Depends(opinions_of)]


def voices_of(study: StudyAsked, opinions: OpinionsAsked, proposing: ProposingAsked) -> Voices:
    """Return all that was said of the study."""
    recorded = [] if opinions is None else opinions.recorded()
    return Voices(study.coverage.study.opinions, recorded, proposing.result)


VoicesAsked = Annotated[Voices, Depends(voices_of)]


def envelope_asked(opinions: OpinionsAsked, region: RegionAsked) -> Envelope:
    """Return the envelope notified, of the région asked for; empty for the study of a folder."""
    if opinions is None:
        return Envelope()
    with opinions.store.read() as session:
        return envelope_of(session, opinions.slug, region)


EnvelopeAsked = Annotated[Envelope, Depends(envelope_asked)]


def kept_by(opinions: Opinions | None, action: Action) -> Opinions:
    """Return where something said of a study is kept, for who may write it.

    The guard has judged by the régions of the version served; what is said holds for all versions.

    Raises
    ------
    NotReadyError
        When the study comes from a folder.
    NotAllowedError
        When the study of the register is not one's own.
    """
    if opinions is None:
        raise NotReadyError(NOT_KEPT)
    judge(action, opinions.regions())
    return opinions


def refused(opinions: Opinions | None, study: OpenStudy, action: Action) -> str:
    """Return why who asks may not write something said of a study, empty when they may."""
    try:
        judge(action, regions_of(study))
        kept_by(opinions, action)
    except (NotAllowedError, NotReadyError) as error:
        return str(error)
    return ""


def say(
    opinions: Opinions,
    study: OpenStudy,
    made: Proposed | None,
    typed: Typed,
    allowed: Collection[str],
    actor: str,
) -> RecordedOpinion:
    """Record what someone typed.

    Raises
    ------
    InputErrors
        Every fault at once: nothing is written.
    """
    today = opinions.store.clock().date()
    said = read_opinion(typed, allowed, known_of(study, made), today)
    return opinions.record(actor, said)
