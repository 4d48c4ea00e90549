"""What people say of the posts of a study of the register: recorded, read with its own table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING

from api.filed import with_filed
from coverage.model import InputFile
from coverage.proposals.recorded import with_recorded
from data.store.opinions import last_opinion, opinions_of, record_opinion
from data.store.studies import study_of_slug

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from api.filed import Filed
    from coverage.model import Coverage, Study
    from coverage.proposals.decisions import Opinion
    from data.store.engine import Store
    from data.store.opinions import RecordedOpinion


@dataclass(frozen=True)
class Opinions:
    """The opinions that the register holds of one study, whatever its version.

    Attributes
    ----------
    slug
        Of the study in the register.
    """

    store: Store
    slug: str

    def recorded(self) -> list[RecordedOpinion]:
        """Return them in the order they were recorded."""
        with self.store.read() as session:
            return opinions_of(session, study_of_slug(session, self.slug).study_id)

    def regions(self) -> tuple[str, ...]:
        """Return the région that the study bears on, none for the country."""
        with self.store.read() as session:
            region = study_of_slug(session, self.slug).region
        return (region,) if region else ()

    def mark(self) -> str:
        """Return the number of the last one: what is computed without it is told."""
        with self.store.read() as session:
            return str(last_opinion(session, study_of_slug(session, self.slug).study_id))

    def record(self, actor: str, said: Opinion) -> RecordedOpinion:
        """Record an opinion; one that is already the last word of its instance is kept as it is.

        Raises
        ------
        InputErrors
            Its faults, as `data.store.opinions.record_opinion`.
        BusyError, RegisterError
            When the database cannot take it: nothing is written.
        """
        with self.store.write(actor) as write:
            study_id = study_of_slug(write.session, self.slug).study_id
            about = (said.target, said.instance)
            before = [
                each
                for each in opinions_of(write.session, study_id)
                if (each.opinion.target, each.opinion.instance) == about
            ]
            # A button pressed twice, or an answer that was lost and asked again.
            if before and before[-1].opinion == said:
                return before[-1]
            return record_opinion(
                write,
                study_id,
                said.target,
                instance=said.instance,
                day=said.day,
                avis=said.avis,
                motif=said.reason,
            )

    def joined(self, study: Study, mark: str = "") -> Study:
        """Return a study whose opinions are those of its table and of the register.

        Parameters
        ----------
        mark
            Number of the last opinion that counts; empty for all.
        """
        found = [each for each in self.recorded() if not mark or each.opinion_id <= int(mark)]
        if not found:
            return study
        said = with_recorded(study.opinions, (each.opinion for each in found))
        return replace(study, opinions=said, inputs=(*study.inputs, _as_input(found)))

    def beside(self, coverage: Coverage, folder: Path, mark: str = "") -> tuple[Coverage, Filed]:
        """Return what `api.filed.with_filed` does, the opinions of the register joined.

        Parameters
        ----------
        mark
            As `joined`: what was known then.

        Raises
        ------
        InputErrors
            All the faults of its applications and scenarios.
        """
        return with_filed(replace(coverage, study=self.joined(coverage.study, mark)), folder)


def _as_input(found: Sequence[RecordedOpinion]) -> InputFile:
    """Return the opinions of the register as provenance tells what was read."""
    lines = "\n".join(f"{each.opinion_id} {each.opinion}" for each in found)
    name = f"avis du registre, jusqu’au n° {found[-1].opinion_id}"
    return InputFile(name, len(found), sha256(lines.encode()).hexdigest())
