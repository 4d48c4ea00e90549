"""The sentences planners read: figures in French typography, reasons, certificates."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from coverage.model import Certificate

THIN = "\u202f"
"""Narrow no-break space: between thousands and before « % », « ; », « ? », « ! »."""

NO_BREAK = "\u00a0"
"""No-break space: inside « » and between a figure and its unit."""

CLASS_NAMES = {
    "etat": "État",
    "operateurs_etat": "opérateurs de l’État",
    "hopitaux": "hôpitaux",
    "collectivites": "collectivités",
    "bailleurs": "bailleurs",
    "prives": "acheteurs privés",
}
PROGRAMME_NAMES = {
    "npnru": "NPNRU",
    "grand_paris_express": "Grand Paris Express",
    "canal_seine_nord": "Canal Seine-Nord Europe",
    "jop": "Jeux olympiques et paralympiques",
    "bassin_minier": "Bassin minier",
    "autre": "autre programme",
}
INDICATOR_NAMES = {
    "demandeurs_emploi": "demandeurs d’emploi",
    "population": "population",
    "population_qpv": "population des quartiers prioritaires",
    "surface_qpv_m2": "surface des quartiers prioritaires",
    "nombre_qpv": "nombre de quartiers prioritaires",
}
FUNDER_NAMES = {
    "etat_aap": "l’appel",
    "etat_autre": "autre argent de l’État",
    "epa": "établissement public",
    "fse": "Fonds social européen",
    "collectivite": "collectivité",
    "prive": "privé",
}
STATUS_NAMES = {
    "non_couverte": "non couverte",
    "limitrophe": "couverte par extension limitrophe seulement",
    "donnee_manquante": "couverte, besoin inconnu",
    "capacite_insuffisante": "capacité insuffisante",
    "couverte": "capacité suffisante au mieux, sous les hypothèses affichées",
}


def whole(number: int) -> str:
    """Write a whole number in French.

    >>> whole(1234567).replace(THIN, "_")
    '1_234_567'
    """
    return f"{number:,}".replace(",", THIN)


def decimal(value: Fraction, places: int) -> str:
    """Write an exact number with decimals, half up, in French.

    >>> decimal(Fraction(7, 8), 2)
    '0,88'
    """
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    text = f"{exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):,f}"
    return text.translate(str.maketrans(",.", f"{THIN},"))


def typeset(text: str) -> str:
    """Return a sentence with the spaces of French typography, whoever wrote it.

    >>> typeset("« a » : b ; c").replace(THIN, "_").replace(NO_BREAK, "~")
    '«~a~»_: b_; c'
    """
    for mark in (":", ";", "?", "!"):
        text = text.replace(f" {mark}", f"{THIN}{mark}")
    return text.replace("« ", f"«{NO_BREAK}").replace(" »", f"{NO_BREAK}»")


def percent(rate: Fraction) -> str:
    """Write a rate, rounded down: under 1 it never reads « 100 % ».

    >>> percent(Fraction(9999, 10000)).replace(THIN, "_")
    '99,9_%'
    """
    thousandths = rate.numerator * 1000 // rate.denominator
    if rate and not thousandths:
        return f"moins de 0,1{THIN}%"
    places = 0 if thousandths % 10 == 0 else 1
    return f"{decimal(Fraction(thousandths, 10), places)}{THIN}%"


def plural(count: int, one: str, many: str) -> str:
    """Write a count with its noun.

    >>> plural(1, "commune", "communes")
    '1 commune'
    """
    return f"{whole(count)} {one if count < 2 else many}"  # noqa: PLR2004 - French: 0 and 1


def listing(words: Iterable[str]) -> str:
    """Join words as a French list.

    >>> listing(["a", "b", "c"])
    'a, b et c'
    """
    items = list(words)
    return " et ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)


def class_shares(shares: Iterable[tuple[str, Fraction]]) -> str:
    """Write a share by class of buyers, those that are alike together.

    >>> class_shares([("etat", Fraction(3, 20)), ("hopitaux", Fraction(1, 10))]).replace(THIN, "_")
    'État 15_%, hôpitaux 10_%'
    """
    found: dict[Fraction, list[str]] = {}
    for class_, share in shares:
        found.setdefault(share, []).append(CLASS_NAMES[class_])
    if len(found) == 1:
        return f"{percent(next(iter(found)))} pour toutes les classes"
    most = max(found, key=lambda share: len(found[share]))
    others = most if len(found[most]) > 1 else None
    told = [
        f"{'autres classes' if share == others else listing(names)} {percent(share)}"
        for share, names in sorted(found.items(), key=lambda item: (item[0] == others, -item[0]))
    ]
    return ", ".join(told)


def indicator_weights(weights: Iterable[tuple[str, Fraction]]) -> str:
    """Write the weights of indicators.

    >>> indicator_weights([("population", Fraction(1, 4)), ("emplois", Fraction(3))])
    'population 1/4, emplois 3'
    """
    return ", ".join(f"{INDICATOR_NAMES.get(name, name)} {weight}" for name, weight in weights)


def named(names: Iterable[str], *, count: int = 0) -> str:
    """Join a few names between French quotes, and say how many others there are.

    Parameters
    ----------
    count
        How many there are in all, when more than the names.

    Examples
    --------
    >>> named(["a", "b", "c", "d", "e"]).replace("\u00a0", "_")
    '«_a_», «_b_», «_c_» et 2 autres'
    """
    told = list(names)
    shown = [f"«\u00a0{name}\u00a0»" for name in told[:_NAMES_SHOWN]]
    others = max(count, len(told)) - len(shown)
    if not others:
        return listing(shown)
    return f"{', '.join(shown)} et {plural(others, 'autre', 'autres')}"


_NAMES_SHOWN = 3


def certificate_sentence(certificate: Certificate) -> str:
    """Say what a certificate proves, with the figures that anyone can add up."""
    missing = whole(certificate.need_hours - certificate.capacity_hours)
    need = whole(certificate.need_hours)
    what = "marchés de l’État" if certificate.flow == "etat" else "besoins"
    if not certificate.capacity_hours:
        who = (
            "aucune structure déclarée ne les dessert"
            if certificate.kind == "extensions_comprises"
            else "aucun périmètre principal ne les dessert"
        )
        return f"{what[0].upper()}{what[1:]} de ces lieux{THIN}: {need} h par an ; {who}."
    within = (
        "dans les périmètres déclarés, extensions comprises"
        if certificate.kind == "extensions_comprises"
        else "dans les seuls périmètres principaux"
    )
    return (
        f"Quel que soit le redéploiement des postes déclarés {within}, {missing} h de ces lieux "
        f"restent sans réponse ({what}{THIN}: {need} h ; capacité de toutes les structures qui "
        f"les desservent{THIN}: {whole(certificate.capacity_hours)} h)."
    )


def zone_reason(zone: Mapping[str, Any], *, threshold_hours: int) -> str:
    """Return the French sentence that says why a zone has its status.

    Parameters
    ----------
    zone
        The zone's properties but `motif`, plus `classes_non_servies`, `structures`,
        `taux_reponse`, `taux_reponse_etat`.
    threshold_hours
        Least need, in hours a year, that counts as identified.
    """
    opening = {
        "non_couverte": _uncovered,
        "limitrophe": _by_extension,
        "donnee_manquante": _unmeasured,
        "capacite_insuffisante": _short,
        "couverte": _sufficient,
    }[zone["statut"]](zone)
    sentences = [opening]
    if zone["statut"] in {"non_couverte", "limitrophe"}:
        sentences.append(_identified(zone, threshold_hours))
    if zone["communes_etat_inconnu"] and zone["statut"] != "donnee_manquante":
        count = plural(zone["communes_etat_inconnu"], "commune", "communes")
        sentences.append(
            f"Le besoin de l’État est inconnu, en tout ou partie, dans {count}{THIN}: "
            "la réponse aux marchés de l’État n’y a pas été mesurée."
        )
    return " ".join(sentences)


def _place(zone: Mapping[str, Any]) -> str:
    communes = plural(len(zone["communes"]), "commune", "communes")
    return f"{communes}, {plural(zone['population'], 'habitant', 'habitants')}"


def _uncovered(zone: Mapping[str, Any]) -> str:
    return f"Aucun périmètre de facilitateur en vigueur ne couvre ce territoire ({_place(zone)})."


def _by_extension(zone: Mapping[str, Any]) -> str:
    return (
        f"Ce territoire ({_place(zone)}) n’est couvert que par l’extension du périmètre de "
        f"facilitateurs limitrophes, sans poste dédié ({named(zone['structures'])})."
    )


def _unmeasured(zone: Mapping[str, Any]) -> str:
    known = "aucun besoin n’y est connu"
    if zone["besoin_h"]:
        known = (
            "aucune classe de donneurs d’ordre n’y a de besoin connu, hormis "
            f"{whole(zone['besoin_h'])} h d’un projet, de marchés mal situés ou d’une estimation"
        )
    return (
        f"Ce territoire ({_place(zone)}) est dans le périmètre d’un facilitateur, mais {known}"
        f"{THIN}: la suffisance de la réponse n’a pas été mesurée."
    )


def _sufficient(zone: Mapping[str, Any]) -> str:
    return (
        "Capacité suffisante au mieux, sous les hypothèses affichées "
        f"({_place(zone)}, besoin connu{THIN}: {whole(zone['besoin_h'])} h par an)."
    )


def _missing(zone: Mapping[str, Any]) -> str:
    hours, posts = zone["deficit_h"], zone["etp_manquants"]
    if not hours:
        return "moins d’une heure"
    small = posts < Fraction(1, 100)
    return f"{whole(hours)} h, soit {'moins de 0,01' if small else decimal(posts, 2)} ETP"


def _identified(zone: Mapping[str, Any], threshold_hours: int) -> str:
    hours = whole(zone["besoin_h"])
    under = f"sous le seuil de {whole(threshold_hours)} h"
    doubtful = zone["services_etat_a_preciser"] or 0
    if zone["besoin"] == "identifie":
        return _grounds(zone, threshold_hours)
    if zone["besoin"] == "inconnu":
        known = f"partie connue{THIN}: {hours} h par an"
        if zone["besoin_connu_partout"]:
            known = f"les heures sont connues, {hours} par an, {under}"
        sentence = f"Besoin inconnu{THIN}: à documenter ({known})."
        if not doubtful:
            return sentence
        services = plural(doubtful, "service de l’État", "services de l’État")
        verb = "reste" if doubtful < 2 else "restent"  # noqa: PLR2004 - French: 0 and 1
        return f"{sentence} L’accompagnement de {services} y {verb} à préciser."
    return f"Aucun besoin identifié{THIN}: {hours} h connues par an, {under}."


def _grounds(zone: Mapping[str, Any], threshold_hours: int) -> str:
    """Say on what a need is identified: hours, State services, large projects."""
    hours, state = whole(zone["besoin_h"]), whole(zone["besoin_etat_h"])
    measured = zone["besoin_h"] and zone["besoin_h"] >= threshold_hours
    services = zone["services_etat_non_accompagnes"] or 0
    projects = zone["grands_projets"] or 0
    grounds = [f"{hours} h d’insertion par an, dont {state} h pour l’État"] if measured else []
    if services:
        count = plural(
            services,
            "service de l’État non accompagné",
            "services de l’État non accompagnés",
        )
        grounds.append(f"{count} ({named(zone['services_etat_noms'], count=services)})")
    if projects:
        count = plural(projects, "grand projet", "grands projets")
        grounds.append(f"{count} ({named(zone['grands_projets_noms'], count=projects)})")
    sentence = f"Besoin identifié{THIN}: {f'{THIN}; '.join(grounds)}."
    if measured:
        return sentence
    if not zone["besoin_h"]:
        return f"{sentence} Aucune heure de besoin n’y est connue."
    return (
        f"{sentence} Ses heures connues, {hours} par an, sont sous le seuil de "
        f"{whole(threshold_hours)} h."
    )


def _short(zone: Mapping[str, Any]) -> str:
    rate, state_rate = zone["taux_reponse"], zone["taux_reponse_etat"]
    sentences = [f"Capacité insuffisante ({_place(zone)})."]
    if rate is not None and rate < 1:
        sentences.append(
            f"Sur {whole(zone['besoin_h'])} h de besoin par an, les structures en place n’en "
            f"servent au mieux que {percent(rate)}{THIN}: il manque {_missing(zone)}."
        )
    if state_rate is not None and state_rate < 1:
        sentences.append(
            "Même en servant d’abord l’État, elles ne répondent qu’à "
            f"{percent(state_rate)} de ses {whole(zone['besoin_etat_h'])} h."
        )
    if zone["classes_non_servies"]:
        names = listing(CLASS_NAMES[class_] for class_ in zone["classes_non_servies"])
        sentences.append(f"Par endroits, aucun poste ne dessert{THIN}: {names}.")
    if zone["seuil_bascule_h_par_etp"] is not None:
        sentences.append(
            "Insuffisance constatée sauf si un ETP accompagne au moins "
            f"{whole(zone['seuil_bascule_h_par_etp'])} h par an."
        )
    else:
        sentences.append("Aucune productivité des postes déclarés ne suffirait partout.")
    return " ".join(sentences)
