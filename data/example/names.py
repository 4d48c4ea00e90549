"""Names of the example's structures: plausible, and always marked as fictional."""

from __future__ import annotations

import re
import unicodedata

MARK = " (fictif)"
"""Ends every name, so that no reader takes one for a real structure."""

STATUT_OF = {
    "plie": "association",
    "maison": "association",
    "association": "association",
    "gip": "gip",
    "epci": "epci_ept",
    "cias": "epa_local",
    "ville": "collectivite",
    "departement": "collectivite",
    "region": "collectivite",
    "reseau": "reseau_emploi",
}
"""Kind of structure → its `statut_juridique`."""

_FORMS = {
    "plie": "PLIE {}",
    "maison": "Maison de l’emploi {}",
    "association": "Association Clauses et emploi {}",
    "gip": "GIP Insertion et emploi {}",
    "epci": "{}",
    "cias": "CIAS {}",
    "ville": "Ville {}",
    "departement": "Département {}",
    "region": "Collectivité {}",
    "reseau": "Réseau régional de la clause sociale – {}",
}
_OF_DEPARTEMENT = {
    "de l’": "01 02 03 07 09 10 11 12 27 34 36 38 60 61 89 91",
    "du ": "14 15 18 25 29 30 32 39 45 46 56 59 62 63 67 68 69 81 83 90 94 95",
    "de la ": "16 17 19 21 23 24 26 2A 2B 31 33 42 43 44 48 50 51 52 53 55 57 58 70 72 73 74 76 "
    "80 85 86 87 93 971",
    "des ": "04 05 06 08 13 22 40 64 65 66 78 79 88 92",
    "d’": "28 35 37",
}
"""Article → départements that take it; the others take “de ”."""
_PREFIX = re.compile(
    r"^(?:(?:CC|CA|CU) )?(?:Intercommunale |Territoriale |Communauté |Agglomération |Agglo )?"
)
_BRACKETS = re.compile(r"\s*\([^)]*\)")
_LINKED = re.compile(r"^(?:du |de |des |d’)")


def structure_name(kind: str, subject: str) -> str:
    """Return the name of a structure of a kind, marked as fictional.

    >>> structure_name("plie", short_name("CC du Pays de l'Ourcq"))
    'PLIE du Pays de l’Ourcq (fictif)'
    """
    return _FORMS[kind].format(subject) + MARK


def plain_name(official: str) -> str:
    """Return an official name without brackets, double spaces or straight apostrophes.

    >>> plain_name("CA ECLA  (Espace Communautaire Lons Agglomération)")
    'CA ECLA'
    """
    return " ".join(_BRACKETS.sub("", official).replace("'", "’").split())


def short_name(official: str) -> str:
    """Return the name of an EPCI without its nature, as it follows a noun.

    >>> short_name("CC le Dourdannais en Hurepoix (CCDH)"), short_name("CC du Pays de Nemours")
    ('Le Dourdannais en Hurepoix', 'du Pays de Nemours')
    """
    name = _PREFIX.sub("", plain_name(official))
    return name if _LINKED.match(name) else name[:1].upper() + name[1:]


def of_town(name: str) -> str:
    """Return a town's name after “of”.

    >>> of_town("Le Havre"), of_town("Évreux"), of_town("Lille"), of_town("La Rochelle")
    ('du Havre', 'd’Évreux', 'de Lille', 'de La Rochelle')
    """
    plain = plain_name(name)
    if plain.startswith("Le "):
        return f"du {plain.removeprefix('Le ')}"
    if plain.startswith("Les "):
        return f"des {plain.removeprefix('Les ')}"
    return f"d’{plain}" if _ascii(plain)[0] in "AEIOUY" else f"de {plain}"


def of_departement(code: str, name: str) -> str:
    """Return a département's name after “of”.

    >>> of_departement("61", "Orne"), of_departement("69", "Rhône"), of_departement("75", "Paris")
    ('de l’Orne', 'du Rhône', 'de Paris')
    """
    article = next((a for a, codes in _OF_DEPARTEMENT.items() if code in codes.split()), "de ")
    return article + plain_name(name)


def identifier(departement: str, kind: str, subject: str) -> str:
    """Return a readable identifier: letters, digits and hyphens.

    >>> identifier("16", "plie", "de l’Œuvre d’Édouard")
    '16-plie-de-l-oeuvre-d-edouard'
    """
    plain = _ascii(subject.replace("’", " ")).lower()
    return f"{departement}-{kind}-{re.sub(r'[^a-z0-9]+', '-', plain).strip('-')}"


def _ascii(text: str) -> str:
    spelled = text.replace("œ", "oe").replace("Œ", "Oe")
    return unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
