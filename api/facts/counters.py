"""Counters of posts against what was notified, with what people decided since the computation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.facts.budget import PaymentLine, payments
from api.facts.money import Money, etp, money, optional_money
from api.facts.values import Amount  # noqa: TC001 - the description reads it at run time
from coverage.proposals.budget import ADVANCE, BALANCE, COMMITMENT, build_budget
from coverage.proposals.decisions import decisions_of, opinions_said
from coverage.proposals.limits import additional, euros
from coverage.wording import THIN, listing, plural
from data.store.envelopes import Envelope

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from api.facts.opinions import Voices
    from api.proposed import Proposed
    from coverage.proposals.model import Option


@dataclass(frozen=True)
class Since:
    """Options decided otherwise than the computation knew, by identifier."""

    verrouilles: list[str]
    refuses: list[str]
    verrous_leves: list[str]
    refus_leves: list[str]

    @property
    def words(self) -> str:
        """What was decided since, counted; empty when nothing was."""
        nouns = {
            "verrouilles": ("poste verrouillé", "postes verrouillés"),
            "refuses": ("poste refusé", "postes refusés"),
            "verrous_leves": ("verrou levé", "verrous levés"),
            "refus_leves": ("refus levé", "refus levés"),
        }
        found = {name: len(getattr(self, name)) for name in nouns}
        return listing(plural(count, *nouns[name]) for name, count in found.items() if count)


@dataclass(frozen=True)
class Counter:
    """What some posts count, those refused since left out, those locked since taken in.

    Attributes
    ----------
    reste
        Of the amount notified, negative when they exceed it; None when none was.
    reste_centiemes
        Of the posts notified, in hundredths of ETP; likewise.
    hors_calcul
        What makes it differ from the computation, in words.
    """

    postes: int
    etp_nouveaux: Amount
    etp_conserves: Amount
    engagement: Money
    avance: Money
    solde: Money
    annees: list[PaymentLine]
    reste: Money | None
    reste_centiemes: int | None
    hors_calcul: list[str]

    @property
    def reste_etp(self) -> str:
        """What is left of the posts notified, as planners read it; empty without a limit."""
        left = self.reste_centiemes
        return "" if left is None else f"{'−' if left < 0 else ''}{etp(abs(left)).texte}"

    @property
    def words(self) -> str:
        """The counter in a sentence, as the script of the page writes it."""
        years = [f"{line.paye.texte} en {line.annee}" for line in self.annees if line.paye.centimes]
        parts = [
            plural(self.postes, "poste", "postes"),
            f"{self.etp_nouveaux.texte} ETP nouveaux et {self.etp_conserves.texte} conservés",
            f"engagement {self.engagement.texte}",
            f"avance {self.avance.texte}",
            f"solde {self.solde.texte}",
            f"paiement {', '.join(years) or euros(0)}",
        ]
        if self.reste is not None:
            cents = self.reste.centimes
            parts.append(_left(cents, euros(abs(cents)), "l’enveloppe"))
        if self.reste_centiemes is not None:
            text = f"{etp(abs(self.reste_centiemes)).texte} ETP"
            parts.append(_left(self.reste_centiemes, text, "le plafond"))
        return f"{f'{THIN}; '.join(parts)}."


@dataclass(frozen=True)
class Counters:
    """The ranked list and the exact plan against what was notified.

    Attributes
    ----------
    enveloppe, plafond_etp
        None without a limit.
    notifiee
        Whether they were notified; else the envelope is that of the call, for the whole study.
    depuis
        Decisions that the computation does not know.
    """

    enveloppe: Money | None
    plafond_etp: Amount | None
    notifiee: bool
    liste: Counter
    plan: Counter
    depuis: Since


def since(voices: Voices) -> Since:
    """Return what was decided of the options since the computation.

    Parameters
    ----------
    voices
        With the computation.
    """
    if voices.made is None:
        return Since([], [], [], [])
    ask = voices.made.found.ask
    then = decisions_of(opinions_said(ask.coverage.study.opinions, ask.options))
    now = voices.decisions()
    return Since(
        verrouilles=sorted(set(now.locked) - set(then.locked)),
        refuses=sorted(set(now.refused) - set(then.refused)),
        verrous_leves=sorted(set(then.locked) - set(now.locked)),
        refus_leves=sorted(set(then.refused) - set(now.refused)),
    )


def counters(proposed: Proposed, decided: Since, envelope: Envelope, region: str = "") -> Counters:
    """Return what the list and the plan count, of a région when one is asked."""
    found = proposed.found
    notified = envelope != Envelope()
    if not notified and not region:
        envelope = Envelope(found.budget.totals["enveloppe_cents"])
    return Counters(
        enveloppe=optional_money(envelope.cents),
        plafond_etp=None if envelope.hundredths is None else etp(envelope.hundredths),
        notifiee=notified,
        liste=_counter(proposed, found.funded, decided, envelope, region),
        plan=_counter(proposed, found.plan.chosen, decided, envelope, region),
        depuis=decided,
    )


def locked_since(proposed: Proposed, decided: Since, chosen: Collection[int]) -> list[int]:
    """Return the positions of the options locked since that are not chosen and may be.

    One that a rule keeps aside, or that others refuse, is the conflict that a computation tells.
    """
    found = proposed.found
    never = {row.option_id for row in found.ask.aside} | set(decided.refuses)
    never |= set(found.ask.refused or ()) - set(decided.refus_leves)
    wanted = (found.position[name] for name in decided.verrouilles if name not in never)
    return [place for place in wanted if place not in chosen]


def _counter(
    proposed: Proposed, chosen: Collection[int], decided: Since, envelope: Envelope, region: str
) -> Counter:
    ask, position = proposed.found.ask, proposed.found.position

    def shown(places: Iterable[int]) -> list[int]:
        return [k for k in places if region in ("", ask.options[k].region)]

    out = shown({position[name] for name in decided.refuses} & set(chosen))
    added = shown(locked_since(proposed, decided, chosen))
    counted = sorted({*shown(chosen), *added} - set(out))
    options = [ask.options[k] for k in counted]
    lines = build_budget(ask, counted).lines
    sums = lines.groupby("nature")["cents"].sum()
    spent, advance, balance = (int(sums.get(name, 0)) for name in (COMMITMENT, ADVANCE, BALANCE))
    new, whole = sum(map(additional, options)), sum(option.hundredths for option in options)
    return Counter(
        postes=len(options),
        etp_nouveaux=etp(new),
        etp_conserves=etp(whole - new),
        engagement=money(spent),
        avance=money(advance),
        solde=money(balance),
        annees=payments(lines),
        reste=None if envelope.cents is None else money(envelope.cents - spent),
        reste_centiemes=None if envelope.hundredths is None else envelope.hundredths - whole,
        hors_calcul=[
            *_change([ask.options[k] for k in out], "refusé", "−"),
            *_change([ask.options[k] for k in added], "verrouillé", "+"),
        ],
    )


def _change(options: Sequence[Option], done: str, sign: str) -> Iterator[str]:
    if options:
        cost = euros(sum(option.state_cents for option in options))
        posts = plural(len(options), f"poste {done} depuis", f"postes {done}s depuis")
        yield f"{posts}, {sign}{cost}"


def _left(cents: int, text: str, what: str) -> str:
    """Say what is left of something notified, or by how much it is exceeded."""
    return f"dépasse {what} de {text}" if cents < 0 else f"reste {text}"
