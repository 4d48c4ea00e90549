"""An application to the call, as far as it is computed with, and the rules on its papers.

No personal data: who answers for the structure and whom to write to are checked for presence where
the file is read, and never kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coverage.wording import listing, whole

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from coverage.proposals.model import Call

GIVEN, MISSING, NOT_CONCERNED = "fournie", "manquante", "sans_objet"

COORDINATOR = "coordinateur"

COLLECTIVITES = frozenset({"collectivite", "epci_ept"})
"""Legal forms whose State money has the cap of collectivités: an EPCI is held to be one."""

PIECES = {
    "rapport_activite": "rapport d’activité ou bilan clause de l’année précédente",
    "attestation_capacite": "attestation de capacité (structure existante)",
    "presence_territoire": "preuve de présence et d’implantation (facilitateur, émergente)",
    "recommandations": "lettres de recommandation, ou déclaration sur l’honneur avec rapport "
    "d’activité (coordinateur, émergente)",
    "budget_projet": "budget du projet sur 12 mois glissants",
    "budget_structure": "budget de la structure, année en cours",
    "comptes_annuels": "comptes de l’année précédente",
    "rapport_commissaire": "rapport du commissaire aux comptes de l’année précédente",
    "engagement_cofinanceurs": "engagement des cofinanceurs",
}
"""Attachment → what it is."""

_ALWAYS = ("budget_projet", "budget_structure", "engagement_cofinanceurs")
_MAY_NOT_CONCERN = ("comptes_annuels", "rapport_commissaire")
"""Neither a new structure nor one without auditor has them: `sans_objet` is an answer."""

Breach = tuple[str, str, str]
"""Rule, message, remedy."""


@dataclass(frozen=True)
class Asked:
    """What an application asks for one volet.

    Attributes
    ----------
    hundredths
        ETP in hundredths, > 0.
    units
        Sorted unit rows of the perimeter proposed.
    scope
        Classes of buyers, in the order of `CLASSES`.
    cost_cents
        Of a whole year of these ETP.
    cost_declared
        Whether the file gives the cost of an ETP; otherwise it is the method's.
    state_cents
        Asked of the call.
    funding
        The other funders: (type, cents), types sorted.
    """

    volet: str
    hundredths: int
    ground: str
    units: tuple[int, ...]
    scope: tuple[str, ...]
    cost_cents: int
    cost_declared: bool
    state_cents: int
    funding: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Enlarged:
    """Units that an application takes into its facilitators' perimeter, for 0 ETP and no money.

    Attributes
    ----------
    units
        Sorted unit rows.
    scope
        Classes of buyers served there, in the order of `CLASSES`.
    """

    units: tuple[int, ...]
    scope: tuple[str, ...]


@dataclass(frozen=True)
class Total:
    """A total as written in the file, and the sum of its lines, in hundredths (ETP, euros).

    Attributes
    ----------
    key
        Dotted key of the form where it is written.
    """

    name: str
    declared: int
    found: int
    key: str = ""


@dataclass(frozen=True)
class Application:
    """One file of `candidatures`.

    Attributes
    ----------
    application_id
        Name of its file, without extension.
    structure_id
        Of the study; `nouvelle:` and the application's identifier when the study lacks it.
    statut
        Legal form, empty when not given.
    pieces
        Attachment of `PIECES` → `fournie`, `manquante` or `sans_objet`; all of them.
    unattested
        Funders named without their commitment, in the file's order: their number.
    totals
        Those that the file gives.
    enlarged
        The extension without a post that it asks, if it does.
    """

    application_id: str
    file: str
    structure_id: str
    structure_name: str
    statut: str
    asked: tuple[Asked, ...]
    pieces: Mapping[str, str]
    unattested: int = 0
    totals: tuple[Total, ...] = ()
    enlarged: Enlarged | None = None


def total_breaches(totals: Iterable[Total], call: Call) -> Iterator[Breach]:
    """Yield the totals of an application that are not those of its lines."""
    if not call.rules["totaux_concordants"].active:
        return
    for total in totals:
        if total.declared != total.found:
            yield (
                "totaux_concordants",
                f"{total.name} : {_hundredths(total.declared)} d’après le dossier, alors que ses "
                f"lignes font {_hundredths(total.found)}",
                "corriger le total ou ses lignes",
            )


def piece_breaches(
    application: Application, volet: str, call: Call, *, carried: Collection[str]
) -> Iterator[Breach]:
    """Yield what lacks among the attachments of an application, for one of its volets.

    Parameters
    ----------
    carried
        Volets of which the structure has posts in force.
    """
    if not call.rules["pieces_obligatoires"].active:
        return
    collectivite = application.statut in COLLECTIVITES
    missing = [
        PIECES[name]
        for name in pieces_asked(volet, carried, collectivite=collectivite)
        if not piece_settled(name, application.pieces.get(name, MISSING))
    ]
    if missing:
        yield (
            "pieces_obligatoires",
            f"pièces manquantes : {listing(missing)}",
            "joindre ces pièces et les noter « fournie » dans [pieces]",
        )
    if application.unattested:
        noun = "cofinanceur" if application.unattested == 1 else "cofinanceurs"
        yield (
            "pieces_obligatoires",
            f"{application.unattested} {noun} sans attestation d’engagement",
            "joindre l’engagement de chaque cofinanceur",
        )


def pieces_asked(volet: str, carried: Collection[str], *, collectivite: bool) -> list[str]:
    """Return the attachments that a structure must give for a volet, in the order of `PIECES`.

    The call (annexes to what is asked) holds a structure that carries facilitators to be an
    existing one for a coordinator too, but for collectivités. Whoever carries posts has an
    activity report.

    >>> pieces_asked("coordinateur", {"facilitateur"}, collectivite=True)[:2]
    ['rapport_activite', 'recommandations']
    """
    existing = volet in carried or (volet == COORDINATOR and carried and not collectivite)
    emerging = "recommandations" if volet == COORDINATOR else "presence_territoire"
    own = {"attestation_capacite" if existing else emerging}
    if carried:
        own.add("rapport_activite")
    return [name for name in PIECES if name in {*own, *_ALWAYS, *_MAY_NOT_CONCERN}]


def piece_settled(name: str, state: str) -> bool:
    """Tell whether what is said of an attachment that must be given is enough."""
    return state == GIVEN or (state == NOT_CONCERNED and name in _MAY_NOT_CONCERN)


def _hundredths(value: int) -> str:
    """Write a number of hundredths in French.

    >>> _hundredths(150), _hundredths(300)
    ('1,5', '3')
    """
    units, rest = divmod(value, 100)
    return f"{whole(units)},{rest:02d}".rstrip("0") if rest else whole(units)
