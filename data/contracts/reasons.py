"""Why a row of contracts brings no hours: one short French sentence a reason."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Reasons, in the order they are looked for: a row bears the first that holds.

    Amounts that are refused are not kept: those of a row set aside for another reason are.
    """

    UNREADABLE = "élément illisible"
    """Not an object where the schema wants one."""

    CONCESSION = "concession : sa valeur est un chiffre d’affaires, sans lieu d’exécution"
    """The official schema of concessions holds neither CPV nor place, and a turnover."""

    NO_ID = "identifiant du marché absent"
    AMOUNT_UNREADABLE = "montant absent ou illisible"
    AMOUNT_NULL = "montant nul ou négatif"
    AMOUNT_ABSURD = "montant invraisemblable, plus de 10 milliards d’euros"
    DATE_UNREADABLE = "date de notification absente ou illisible"
    DATE_ABSURD = "date de notification invraisemblable"
    MONTHS_UNREADABLE = "durée absente ou illisible"
    MONTHS_ABSURD = "durée invraisemblable, moins de 1 mois ou plus de 600"
    CPV_UNREADABLE = "code CPV absent ou illisible"
    CPV_UNKNOWN = "division CPV inconnue"
    SUPPLIES = "fournitures : aucune heure de travail à réserver"
    NO_HOURS = "services sans heure de travail à réserver"
    PLACE_ABSENT = "lieu d’exécution absent"
    PLACE_KIND = "nature du lieu d’exécution inconnue"
    PLACE_ABROAD = "lieu d’exécution hors de France"
    PLACE_UNKNOWN = "code du lieu d’exécution inconnu"
    BUYER_UNREADABLE = "SIRET de l’acheteur absent ou illisible"
    CLASS_UNKNOWN = "classe d’acheteur inconnue : complétez la table « acheteurs »"
    SUBSEQUENT = "marché subséquent d’un accord-cadre déjà compté"
    OTHER_FILE = "déjà compté dans un autre fichier"


MOST_EUR = 10_000_000_000
"""Amount above which an official figure is not believed: no French public contract reaches it."""

MOST_MONTHS = 600
"""Duration above which it is not believed, as in the table `marches`."""

YEARS = (1990, 2099)
"""First and last year of notification that are believed."""
