"""One French paragraph for each post: why here, what it changes, why them, what if not, on what.

Every figure is one of the tables beside it; nothing is said that a reader cannot find there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage.proposals.decisions import EFFECTS, by_option, decisions_of, opinions_said
from coverage.proposals.kept import agreed_of
from coverage.proposals.limits import FACILITATOR, KEPT
from coverage.proposals.uncertainty import OWN
from coverage.wording import (
    STATUS_NAMES,
    THIN,
    decimal,
    listing,
    named,
    percent,
    plural,
    whole,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from coverage.proposals.decisions import Said
    from coverage.proposals.draws import Solidity
    from coverage.proposals.model import Ask, Option, Ranked
    from coverage.proposals.outcome import Proposals
    from coverage.proposals.places import Place

GROUND_NAMES = {
    "zone_blanche": "zone blanche",
    "services_etat": "services de l’État non encore accompagnés",
    "grand_projet": "grand projet",
}
CLASS_WORDS = {
    "incontestable": "incontestable",
    "arbitrable": "arbitrable",
    "remplacable": "remplaçable",
    "indecis": "indécis, les bornes ne permettant pas de trancher",
}
ORIGIN_NAMES = {
    "besoins": "de besoins déclarés",
    "marches": "de marchés publics",
    "grands_projets": "de grands projets",
    "services_etat": "de services de l’État",
    "composite": "d’une estimation par indicateurs",
}
ASSUMPTION_NAMES = {
    "heures_par_etp": "les heures qu’un ETP accompagne",
    "taux_effort": "la part d’heures réservée à l’insertion dans les marchés",
    "part_main_oeuvre": "la part de la main-d’œuvre dans les marchés",
    "cout_horaire_eur": "le coût d’une heure de travail",
    "part_marches_clausables": "la part des marchés où une clause est réaliste",
    OWN: "la productivité propre de la structure",
}
_BARE = {"limitrophe", "non_couverte"}
_MANY_CERTIFICATES = 3
_STAYS = {
    "services_etat": "ces services restent sans accompagnement, comme l’étude le dit",
    "grand_projet": "le projet reste en cours aux dates que l’étude donne",
}
_GOALS = (
    "heures prioritaires",
    "heures prioritaires ou sans périmètre principal",
    "heures",
)


def justification(found: Proposals, row: Ranked, place: Place) -> str:
    """Return the paragraph of a post of the ranked list."""
    option, ask = row.option, found.ask
    chosen = found.position[option.option_id] in found.plan.chosen
    firm = found.solidity.get(option.option_id)
    if option.origin == KEPT:
        return _kept(option, ask)
    sentences = [_why_here(option, place), *_what_stands(place)]
    sentences += [_change(ask, row, place), _why_them(option, place)]
    sentences += [_without(found, row), _beside(row, chosen=chosen)]
    sentences += [_assumption(ask, row, place, firm), _proof(row, place)]
    return " ".join(sentence for sentence in sentences if sentence)


def _kept(option: Option, ask: Ask) -> str:
    year = option.option_id.split("-")[1]
    study = ask.coverage.study
    if agreed_of(option, study) is None:
        money = (
            f"Hypothèse{THIN}: son coût et sa part d’État sont ceux de la méthode, aucun fichier "
            "de l’étude ne donnant le montant conventionné."
        )
    else:
        money = (
            f"Son coût et sa part d’État sont ceux que la table financements donne pour "
            f"{study.year}."
        )
    return (
        f"Poste conventionné par l’appel de {year}{THIN}: l’appel le conserve avant tout poste "
        "nouveau. Ses heures sont celles d’un poste en place, il n’en gagne donc aucune ici"
        f"{THIN}; il ne pèse que sur l’enveloppe. {money}"
    )


def _why_here(option: Option, place: Place) -> str:
    ground = GROUND_NAMES[option.ground]
    if option.volet != FACILITATOR:
        return f"Motif{THIN}: {ground}. Poste de coordinateur, imposé par une décision."
    where = f"{place.label}, {_status(place)}" if place.statuses else place.label
    if not place.need:
        return f"Motif{THIN}: {ground}. {where}. Aucune heure de besoin n’y est connue."
    state = f"dont {whole(place.state)} pour l’État et ses opérateurs"
    others = place.priority - place.state
    programmes = f" et {whole(others)} pour des programmes de l’État" if others else ""
    served = f"en servent au mieux {percent(place.before)}" if place.before else "n’en servent rien"
    return (
        f"Motif{THIN}: {ground}. {where}. Besoin connu{THIN}: {whole(place.need)} h d’insertion "
        f"par an, {state}{programmes}{THIN}; les postes dédiés {served}."
    )


def _status(place: Place) -> str:
    count = sum(number for _, number in place.statuses)
    names = listing(STATUS_NAMES[status] for status, _ in place.statuses)
    return f"{plural(count, 'zone blanche retenue', 'zones blanches retenues')} ({names})"


def _what_stands(place: Place) -> Iterator[str]:
    if place.services:
        count = len(place.services)
        noun = plural(count, "service de l’État n’y est pas", "services de l’État n’y sont pas")
        adjective = "accompagné" if count < 2 else "accompagnés"  # noqa: PLR2004 - French: 0 and 1
        yield f"{noun} {adjective} ({named(place.services)})."
    if place.state_unknown and place.need:
        where = plural(place.state_unknown, "commune", "communes")
        yield (
            f"Le besoin de l’État est inconnu, en tout ou partie, dans {where}{THIN}: il n’est pas "
            "nul pour autant, il n’est pas compté."
        )
    if place.projects:
        noun = plural(len(place.projects), "grand projet en cours", "grands projets en cours")
        yield f"{noun} ({named(place.projects)})."


def _change(ask: Ask, row: Ranked, place: Place) -> str:
    one, two, three = row.gains
    if row.option.volet != FACILITATOR:
        return "Un coordinateur n’ajoute pas d’heures par lui-même."
    if not three:
        if row.option.ground == "zone_blanche":
            return (
                f"Ce poste n’ajoute aucune heure connue{THIN}: les postes mieux classés suffisent."
            )
        return f"Ce poste n’ajoute aucune heure connue{THIN}: son motif est ailleurs."
    parts = [
        f"{whole(hours)} {words}"
        for hours, words in (
            (one, "prioritaires (État et ses programmes)"),
            (two - one, "là où aucun poste dédié n’intervient"),
            (three - two, "là où les postes en place ne suffisent pas"),
        )
        if hours
    ]
    told = f"toutes {parts[0].partition(' ')[2]}" if len(parts) == 1 else listing(parts)
    ramp = ask.coverage.study.parameters.montee_en_charge
    year = f" la première année (montée en charge de {percent(ramp)})" if ramp < 1 else " par an"
    verb = "ajoute" if row.funded else "ajouterait"
    said = f"Ce poste {verb} {whole(three)} h{year}, {told}."
    if place.before is None or place.after is None or not row.funded:
        return said
    return (
        f"{said} Avec tous les postes que la liste finance, la réponse du périmètre passe de "
        f"{percent(place.before)} à {percent(place.after)}."
    )


def _why_them(option: Option, place: Place) -> str:
    name = f"«\u00a0{option.structure_name}\u00a0»"
    if option.origin == "candidature":
        carries = "n’y porte encore aucun poste" if option.emerging else "porte déjà ce volet"
        asked = option.option_id.removeprefix("cand-").rpartition("-")[0]
        held = f"{THIN}; elle couvre {percent(place.held)} des habitants" if place.held else ""
        return f"{name} le demande (candidature «\u00a0{asked}\u00a0») et {carries}{held}."
    if option.emerging:
        return (
            "Aucune structure qui porte déjà un poste n’est à portée"
            f"{THIN}: une structure reste à susciter."
        )
    if place.held:
        most = ", plus que toute autre" if place.held_most and place.held < 1 else ""
        only = {status for status, _ in place.statuses} <= _BARE and bool(place.statuses)
        how = " par simple extension, sans poste dédié," if only else ""
        return (
            f"{name} porte déjà des facilitateurs et couvre{how} {percent(place.held)} des "
            f"habitants de ce périmètre{most}."
        )
    return (
        f"Aucune structure ne couvre ce périmètre{THIN}; {name}, qui porte déjà des "
        "facilitateurs, est celle dont le territoire y touche le plus."
    )


def _without(found: Proposals, row: Ranked) -> str:
    if not row.funded:
        return f"Non financé{THIN}: {found.unfunded(row)}."
    if row.replacement_hours is None:
        return ""
    lost, goal = replacement(row)
    instead = [_called(found, name) for name in found.substitutes.get(row.option.option_id, ())]
    comes = (
        f"la même enveloppe financerait {named(instead)} et"
        if instead
        else "aucun autre poste n’entrerait dans l’enveloppe et la liste"
    )
    effect = f"perdrait {whole(lost)} {goal}" if lost else f"servirait autant d’{goal}"
    class_ = CLASS_WORDS.get(row.class_, row.class_)
    return f"Sans lui, {comes} {effect}{THIN}: {class_}."


def _called(found: Proposals, name: str) -> str:
    """Name a post by who would carry it, its identifier beside."""
    option = found.ask.options[found.position[name]]
    return f"{option.structure_name}, {decimal(option.etp, 2)} ETP, {name}"


def replacement(row: Ranked) -> tuple[int, str]:
    """Return the hours lost without a post, on the first goal where it brings some, and its name.

    Kept posts and those not funded have no replacement cost: the caller looks before.
    """
    if row.replacement_hours is None:
        raise ValueError("this post has no replacement cost")
    goal = next((g for g, hours in enumerate(row.gains) if hours), len(_GOALS) - 1)
    return max(row.replacement_hours[goal], 0), _GOALS[goal]


def _beside(row: Ranked, *, chosen: bool) -> str:
    if row.funded and not chosen:
        return "Le plan exact, qui compare tous les postes ensemble, lui en préfère un autre."
    if chosen and not row.funded:
        return "Le plan exact, qui compare tous les postes ensemble, le retient cependant."
    return ""


def _assumption(ask: Ask, row: Ranked, place: Place, firm: Solidity | None) -> str:
    if firm is not None and firm.assumption:
        return (
            f"Hypothèse qui déplace le plus son rang{THIN}: {ASSUMPTION_NAMES[firm.assumption]}"
            f"{THIN}; il est financé dans {percent(firm.probability)} des tirages."
        )
    if not row.gains[2] and row.option.ground in _STAYS:
        return f"Hypothèse principale{THIN}: {_STAYS[row.option.ground]}."
    study = ask.coverage.study
    own = study.structures["heures_par_etp"].dropna().to_dict()
    hours = int(own.get(row.option.structure_id, study.parameters.heures_par_etp))
    edge = (
        f"{THIN}; l’insuffisance de la zone tient tant qu’un ETP n’en accompagne pas "
        f"{whole(place.break_even)}"
        if place.break_even is not None
        else ""
    )
    main = place.origins[:2]
    told = listing(f"{percent(part)} {ORIGIN_NAMES[origin]}" for origin, part in main)
    source = f"{THIN}; les heures viennent à {told}" if told else ""
    clauses = any(origin == "marches" for origin, _ in main)
    doubt = ", dont la part clausable est supposée (à documenter)" if clauses else ""
    return (
        f"Hypothèse principale{THIN}: un ETP accompagne {whole(hours)} h par an"
        f"{edge}{source}{doubt}."
    )


def _proof(row: Ranked, place: Place) -> str:
    """Name the certificates that speak of the perimeter, before and after the list's posts."""
    if not place.zone:
        return ""
    if not place.certificates:
        return f"Zone principale{THIN}: {place.zone}."
    told = (
        f"Preuve{THIN}: {_certificates(place.certificates)} (zone {place.zone}, certificats.json)"
    )
    if not row.funded:
        return f"{told}."
    if not place.remaining:
        left = ", extensions comprises, il n’en reste aucun"
    else:
        left = f"{THIN}: {_certificates(place.remaining)} (certificats_liste.json)"
    return f"{told}{THIN}; avec les postes que la liste finance{left}."


def _certificates(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_MANY_CERTIFICATES])
    left = len(names) - _MANY_CERTIFICATES
    more = f" et {plural(left, 'autre', 'autres')}" if left > 0 else ""
    return f"{'certificat' if len(names) == 1 else 'certificats'} {shown}{more}"


def opinion(ask: Ask, option: Option, said: Mapping[str, Sequence[Said]] | None = None) -> str:
    """Return what people said of a post, beside its rank and never over it.

    Parameters
    ----------
    said
        The opinions in force by option (`decisions.by_option`), worked out here when not given.
    """
    if said is None:
        said = by_option(opinions_said(ask.coverage.study.opinions, [option]))
    own = said.get(option.option_id, ())
    parts = list(dict.fromkeys(_spoken(each, option) for each in own))
    filed = decisions_of(own)
    for name, imposed, known in (
        ("verrouillé", ask.locked, filed.locked),
        ("refusé", ask.refused, filed.refused),
    ):
        whole_reason = (imposed or {}).get(option.option_id, "")
        more = whole_reason.removeprefix(known.get(option.option_id, "")).removeprefix(f"{THIN}; ")
        if more:
            parts.append(f"{name} : {more}")
    rule = ask.call.rules.get("comite_national")
    emerging = option.emerging and option.volet != FACILITATOR and option.origin != KEPT
    if emerging and rule is not None and rule.active:
        parts.append("à soumettre au comité national")
    return f"{THIN}; ".join(parts)


def _spoken(said: Said, option: Option) -> str:
    """Write an opinion; a decision that does not bind this post says so."""
    bound = option.option_id in said.decided or said.opinion.avis not in EFFECTS
    return said.opinion.words if bound else f"{said.opinion.words}, sans effet sur ce poste"
