"""The *diagnostic territorial* of the form, drafted from figures: ten lines at most."""

from __future__ import annotations

import re
from collections import Counter
from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np

from coverage.wording import STATUS_NAMES, THIN, listing, named, percent, plural, whole
from maps.dossiers.argument_blocks import asked_posts, posts
from maps.dossiers.content import main_volet
from maps.dossiers.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coverage.dossiers.bench import Bench
    from coverage.dossiers.model import Claim, Dossier

LINES, SIGNS = 10, 90
"""What the form of the call leaves for it."""

NO_BREAK = "\u00a0"
_UNIT = re.compile(r"(?<=[0-9]) (?=(?:h|ETP|communes?|habitants)\b)")
_NOTHING = (
    "Le périmètre demandé ne peut pas être lu : le diagnostic ne peut pas être rédigé à partir "
    "de l’étude."
)
_SERVICES = {
    "non": ("non accompagné", "non accompagnés"),
    "inconnu": ("dont l’accompagnement est inconnu", "dont l’accompagnement est inconnu"),
}
_ORIGIN = "Projet rédigé par le programme à partir de l’étude ; à relire et à compléter."


def diagnosis(dossier: Dossier, bench: Bench) -> tuple[str, ...]:
    """Return the draft, at most ten lines of at most ninety signs.

    The sentences that matter least are left out whole where they do not fit; the one that says
    where the draft comes from stays.
    """
    volet = main_volet(dossier)
    claim = dossier.claims.get(volet)
    if claim is None or not claim.places:
        return tuple(_lines([_NOTHING]))
    kept: list[str] = []
    for sentence in _sentences(dossier, volet, claim, bench):
        if len(_lines([*kept, sentence, _ORIGIN])) <= LINES:
            kept.append(sentence)
    return tuple(_lines([*kept, _ORIGIN]))


def _lines(sentences: list[str]) -> list[str]:
    text = _UNIT.sub(NO_BREAK, printable(" ".join(sentences)))
    text = text.replace(" ;", f"{THIN};").replace(" :", f"{THIN}:")
    return wrap(text, SIGNS, break_on_hyphens=False)


def _sentences(dossier: Dossier, volet: str, claim: Claim, bench: Bench) -> Iterator[str]:
    """Yield the sentences, those that matter most first."""
    yield _place(claim, bench)
    yield _statuses(claim)
    yield from _needs(claim)
    yield _white(claim)
    yield from _sites(claim, bench)
    yield from _covered(dossier, claim, bench)
    proportion = dossier.proportions.get(volet)
    if proportion is not None and proportion.missing_hundredths is not None:
        yield (
            f"Il y manque {posts(proportion.missing_hundredths)} ETP, sous les hypothèses de la "
            f"méthode ; {asked_posts(proportion.asked_hundredths)}."
        )
    verdict = dossier.verdicts.get(volet)
    if verdict is not None and volet == "facilitateur":
        yield f"Conclusion calculée : {_lowered(verdict.sentence)}"


def _place(claim: Claim, bench: Bench) -> str:
    territory = bench.coverage.territory
    names = territory.names["region"]
    people = territory.units["population"].to_numpy()[list(claim.units)]
    unknown = int(np.count_nonzero(people < 0))
    known = f"{whole(int(people[people >= 0].sum()))} habitants"
    if unknown:
        known += f" (inconnus dans {plural(unknown, 'commune', 'communes')})"
    regions = listing(names.get(region, region) for region in claim.regions)
    return f"Périmètre : {plural(len(claim.places), 'commune', 'communes')}, {known} ({regions})."


def _statuses(claim: Claim) -> str:
    counts = Counter(place.statut for place in claim.places)
    told = [
        f"{words} ({plural(counts[statut], 'commune', 'communes')})"
        for statut, words in STATUS_NAMES.items()
        if counts[statut]
    ]
    return f"Situation aujourd’hui : {f'{THIN}; '.join(told)}."


def _needs(claim: Claim) -> Iterator[str]:
    missing = sum(place.unserved_hours + place.lent_hours for place in claim.places)
    unknown = sum(bool(place.unknown) for place in claim.places)
    if claim.need_hours:
        yield (
            f"Besoin connu : {whole(claim.need_hours)} h d’insertion par an, dont "
            f"{whole(claim.state_hours)} h pour l’État et ses opérateurs ; il manque "
            f"{whole(missing)} h."
        )
    if unknown:
        noun = plural(unknown, "commune", "communes")
        yield f"Besoin inconnu, en tout ou partie, dans {noun} : à documenter."
    elif not claim.need_hours:
        yield "Aucun besoin n’est connu dans ce périmètre."


def _white(claim: Claim) -> str:
    measures = [("de la surface", claim.white_area), ("des habitants", claim.white_population)]
    told = [f"{percent(share)} {what}" for what, share in measures if share is not None]
    if claim.white_area == 1 and claim.white_communes == len(claim.places):
        return "Tout le périmètre est en zone blanche."
    count = f"{whole(claim.white_communes)} des {whole(len(claim.places))} communes"
    return f"En zone blanche, en tout ou partie : {listing([*told, count])}."


def _sites(claim: Claim, bench: Bench) -> Iterator[str]:
    sites = bench.coverage.need.sites
    if sites.services is None:
        yield "Présence de services de l’État inconnue."
    else:
        near = sites.services[sites.services["unit"].isin(claim.units)]
        states = near.drop_duplicates("service_id")["accompagne"].value_counts()
        counts = [
            plural(int(states.get(state, 0)), *words)
            for state, words in _SERVICES.items()
            if states.get(state, 0)
        ]
        if counts:
            yield f"Services de l’État : {listing(counts)}."
    if sites.projects is None:
        yield "Présence de grands projets inconnue."
        return
    touched = set(sites.projects.loc[sites.projects["unit"].isin(claim.units), "projet_id"])
    names = sites.names.loc[sites.names["projet_id"].isin(touched), "nom"].tolist()
    if names:
        yield f"Grands projets : {named(names)}."


def _covered(dossier: Dossier, claim: Claim, bench: Bench) -> Iterator[str]:
    names = bench.coverage.study.structures["nom"]
    counts = Counter(
        who
        for place in claim.places
        for who, nature in place.holders
        if nature != "extension" and who != dossier.case.structure_id
    )
    if counts:
        order = sorted(counts, key=lambda who: (-counts[who], who))
        told = named([str(names.get(who, who)) for who in order[:2]], count=len(order))
        yield f"Des communes sont déjà dans le périmètre principal de {told}."


def _lowered(sentence: str) -> str:
    """Return a sentence as what follows a colon: its first letter small unless an acronym's."""
    return sentence if sentence[1:2].isupper() else sentence[:1].lower() + sentence[1:]
