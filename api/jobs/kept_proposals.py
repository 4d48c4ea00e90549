"""The proposals of a study as the register remembers them: asked there, kept there as a plan.

What is shown is what the last job that ended gave, whichever server did it. A server that does not
hold it decides it again from the plan, without the search; until then it shows what it has.
"""

from __future__ import annotations

from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING, Any

from api.access.identity import actor
from api.background import ABSENT, DONE, FAILED, OUTDATED, Background, Line, Progress
from api.jobs.queue import watched
from api.jobs.work import Done
from api.proposed import NAME, STAGES, Proposed, propose_study
from coverage.wording import THIN
from data.results.kept_plan import PLAN_FILE, KeptPlan, kept_plan_json, read_kept_plan
from geo.version import VERSION

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from api.jobs.queue import Jobs
    from api.studies import OpenStudy
    from data.store.job_states import Job

_OTHER_PROGRAM = (
    "ces propositions ont été calculées par une autre version du programme ({}) → calculer de "
    "nouveau"
)
_OTHER_STUDY = (
    "l’étude ou le territoire de référence a changé depuis ce calcul → calculer de nouveau"
)
_OTHER_BESIDE = "les candidatures ont changé depuis ce calcul → calculer de nouveau"


def subject_of(study: OpenStudy) -> dict[str, Any]:
    """Return what names a study in the parameters of its jobs, for any server.

    A version of the register is named by its study and number, a folder by its address here.
    """
    if study.frozen is None:
        return {"dossier": study.slug}
    return {"inscrite": study.frozen.slug, "version": study.frozen.number}


class KeptProposals:
    """The computation of the proposals of one study, as `api.background.Computation`.

    Parameters
    ----------
    line
        Where what the register has is decided again, one study at a time.
    seconds
        Left to the exact plan.
    """

    def __init__(self, study: OpenStudy, jobs: Jobs, line: Line, seconds: float) -> None:
        self._study = study
        self._jobs = jobs
        self._line = line
        self._seconds = seconds
        self._subject = subject_of(study)
        self._shown: tuple[int, Proposed] | None = None
        self._again: tuple[int, Background[Proposed]] | None = None
        self._outdated: tuple[int, str] | None = None
        self._lock = Lock()

    @property
    def result(self) -> Proposed | None:
        """What the last job that ended gave, or what this server shows until it has it."""
        done = self._jobs.last_done(NAME, self._subject)
        if done is not None and self._jobs.settled(done.job_id):
            with self._lock:
                self._have(done)
        return None if self._shown is None else self._shown[1]

    @property
    def progress(self) -> Progress:
        """Where it stands, whichever server does it."""
        asked = self._jobs.last(NAME, self._subject)
        if asked is None:
            return Progress(ABSENT, stages=STAGES)
        told = self._jobs.progress(asked.job_id)
        if told.under_way:
            return told
        if self.result is None or told.state == DONE:
            return self._having(told)
        return told

    def start(self, *, anew: bool = False) -> Progress:
        """Ask for it; nothing changes when it waits, runs, or is done and not asked anew."""
        now = self.progress
        if now.under_way or (now.state == DONE and not anew):
            return now
        frozen = self._study.frozen
        version_id = None if frozen is None else frozen.version_id
        self._jobs.ask(actor(), NAME, self._subject, version_id=version_id)
        return self.progress

    def cancel(self) -> Progress:
        """Ask it to stop, be it a job or the taking up of what the register has."""
        if self._again is not None:
            self._again[1].cancel()
        asked = self._jobs.last(NAME, self._subject)
        if asked is not None:
            self._jobs.cancel(actor(), asked.job_id)
        return self.progress

    def watch(self, patience: float) -> AsyncIterator[Progress | None]:
        """Yield where it stands at each change, to the last; None when nothing moves."""
        return watched(lambda: self.progress, patience)

    def done(self, job: Job, on_step: Callable[[str], None]) -> Done:
        """Do a job: the proposals, of which the register keeps the plan."""
        made = propose_study(self._study, self._seconds, on_step)
        options = tuple(option.option_id for option in made.found.ask.options)
        kept = KeptPlan(made.found.plan, VERSION, self._study.version, made.mark, options)

        def keep() -> None:
            with self._lock:
                if self._shown is None or self._shown[0] < job.job_id:
                    self._shown = (job.job_id, made)

        return Done({PLAN_FILE: kept_plan_json(kept)}, keep)

    def _have(self, done: Job) -> None:
        """Show what a job gave, decided again from its plan if need be; the lock is held."""
        for held in (self._shown, self._outdated):
            if held is not None and held[0] >= done.job_id:
                return
        if self._again is not None and self._again[0] == done.job_id:
            made = self._again[1].result
            if made is not None:
                self._shown, self._again = (done.job_id, made), None
            return
        kept = read_kept_plan(self._jobs.files(done.job_id)[PLAN_FILE])
        if reason := self._why_outdated(kept):
            self._outdated = (done.job_id, reason)
            return

        def decide(on_step: Callable[[str], None]) -> Proposed:
            return propose_study(self._study, self._seconds, on_step, kept)

        again = Background(self._line, decide, stages=STAGES)
        self._again = (done.job_id, again)
        again.start()

    def _why_outdated(self, kept: KeptPlan | None) -> str:
        """Return why a plan cannot be what the study would get today, empty when it can."""
        if kept is None or kept.program != VERSION:
            return _OTHER_PROGRAM.format(kept.program if kept is not None else "autre forme")
        if kept.study != self._study.version:
            return _OTHER_STUDY
        known = self._study.beside_at is not None or kept.mark == self._study.mark()
        return "" if known else _OTHER_BESIDE

    def _having(self, told: Progress) -> Progress:
        """Return where the taking up of what the register has stands, if that is what is waited."""
        again, outdated = self._again, self._outdated
        if again is not None and again[1].progress.state != DONE:
            now = again[1].progress
            return replace(now, phrase=f"Reprise du plan gardé{THIN}: {now.phrase or 'à son tour'}")
        if outdated is not None and self._shown is None and told.state != FAILED:
            return Progress(OUTDATED, stages=STAGES, faults=(outdated[1],))
        return told
