"""A dossier in plain values (`data.results.dossier_lines`)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from coverage.dossiers.model import LEVEL_NAMES
from coverage.dossiers.words import (
    CLAIM_NAMES,
    OBJECTION_NAMES,
    OUTCOME_NAMES,
    TEST_NAMES,
    UNKNOWN_FIGURE,
    VERDICT_NAMES,
    figure_text,
)
from coverage.model import VOLETS
from coverage.parameters import STATE_CLASSES
from coverage.proposals.limits import CENTS, euros
from coverage.proposals.model import HUNDREDTHS
from coverage.wording import STATUS_NAMES, decimal, percent
from data.applications.form_labels import name_of
from data.results.dossier_lines import (
    ClaimedLine,
    ClaimFacts,
    DossierFacts,
    FigureLine,
    FindingLine,
    HolderLine,
    ObjectionLine,
    PaymentLine,
    ProportionFacts,
    TrialLine,
    VerdictLine,
    VoletFacts,
)
from data.results.tables import fixed

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from coverage.dossiers.bench import Bench
    from coverage.dossiers.model import (
        ClaimPlace,
        ClaimTest,
        Dossier,
        Figure,
        Finding,
        Objection,
        Proportion,
        Verdict,
    )


def dossier_facts(dossier: Dossier, bench: Bench) -> DossierFacts:
    """Return a dossier in plain values."""
    case = dossier.case
    return DossierFacts(
        candidature=case.application_id,
        fichier=case.file,
        structure_id=case.structure_id,
        structure=case.structure_name,
        niveau=dossier.level,
        niveau_nom=LEVEL_NAMES[dossier.level],
        constats=[finding_line(each) for each in dossier.findings],
        volets=[_volet(dossier, volet, bench) for volet in volets_of(dossier)],
    )


def volets_of(dossier: Dossier) -> list[str]:
    """Return the volets that a dossier speaks of, in their order."""
    told = (dossier.claims, dossier.verdicts, dossier.proportions)
    return [volet for volet in VOLETS if any(volet in each for each in told)]


def finding_line(finding: Finding) -> FindingLine:
    """Return a finding in plain values."""
    return FindingLine(
        niveau=finding.level,
        niveau_nom=LEVEL_NAMES[finding.level],
        regle=finding.rule,
        rubrique=finding.heading,
        texte=finding.text,
        lieu=finding.place,
        lieu_nom=name_of(finding.place),
        constat=finding.message,
        remede=finding.remedy,
    )


def claimed_lines(dossier: Dossier, volet: str, bench: Bench) -> list[ClaimedLine]:
    """Return every place of the claim of a volet, in its order."""
    claim = dossier.claims[volet]
    outside = set(claim.outside)
    _, scope = dossier.case.places[volet]
    names = _Names.of(bench)
    return [_claimed(place, names, scope, outside=place.unit in outside) for place in claim.places]


@dataclass(frozen=True)
class _Names:
    """Codes and names of communes by unit row, names of structures, taken once for a claim."""

    codes: Sequence[str]
    communes: Sequence[str]
    structures: Mapping[str, str]

    @classmethod
    def of(cls, bench: Bench) -> _Names:
        units = bench.coverage.territory.units
        structures = bench.coverage.study.structures["nom"]
        named = dict(zip(map(str, structures.index), structures.tolist(), strict=True))
        return cls(units.index.tolist(), units["name"].tolist(), named)


def _claimed(
    place: ClaimPlace, names: _Names, scope: Collection[str], *, outside: bool
) -> ClaimedLine:
    state = [name for name in STATE_CLASSES if name in scope]
    return ClaimedLine(
        commune=names.codes[place.unit],
        nom=names.communes[place.unit],
        statut=place.statut,
        statut_nom=STATUS_NAMES[place.statut],
        part_zone_blanche=fixed(place.white, 6),
        part_a_documenter=fixed(place.pending, 6),
        couverte_par=[
            HolderLine(structure, names.structures.get(structure, structure), nature)
            for structure, nature in place.holders
        ],
        deja_au_porteur=place.own,
        besoin_h=_known(place.need_hours, place.unknown, scope),
        besoin_etat_h=_known(place.state_hours, place.unknown, state),
        non_servi_h=_known(place.unserved_hours, place.unknown, scope),
        servi_par_extension_h=place.lent_hours,
        classes_inconnues=list(place.unknown),
        zone_ids=list(place.zone_ids),
        hors_region=outside,
    )


def _known(hours: int, unknown: Collection[str], classes: Collection[str]) -> int | None:
    """Return hours, None where none is known: zero is not said while a class is unknown."""
    return None if not hours and not set(unknown).isdisjoint(classes) else hours


def _volet(dossier: Dossier, volet: str, bench: Bench) -> VoletFacts:
    claim, verdict = dossier.claims.get(volet), dossier.verdicts.get(volet)
    proportion = dossier.proportions.get(volet)
    return VoletFacts(
        volet=volet,
        revendication=None if claim is None else _claim(dossier, volet, bench),
        epreuves=[_trial(each) for each in dossier.tests.get(volet, ())],
        objections=[_objection(each) for each in dossier.objections.get(volet, ())],
        verdict=None if verdict is None else _verdict(volet, verdict),
        proportion=None if proportion is None else _proportion(proportion),
    )


def _claim(dossier: Dossier, volet: str, bench: Bench) -> ClaimFacts:
    claim = dossier.claims[volet]
    return ClaimFacts(
        communes=len(claim.places),
        communes_zone_blanche=claim.white_communes,
        part_surface=fixed(claim.white_area, 6) or None,
        part_surface_texte=_share(claim.white_area),
        part_habitants=fixed(claim.white_population, 6) or None,
        part_habitants_texte=_share(claim.white_population),
        besoin_h=claim.need_hours,
        besoin_zone_blanche_h=claim.white_hours,
        non_servi_h=claim.unserved_hours,
        regions=list(claim.regions),
        lieux=claimed_lines(dossier, volet, bench),
    )


def _share(part: Fraction | None) -> str:
    return UNKNOWN_FIGURE if part is None else percent(part)


def _trial(test: ClaimTest) -> TrialLine:
    return TrialLine(
        epreuve=test.name,
        nom=TEST_NAMES[test.name],
        issue=test.outcome,
        issue_nom=OUTCOME_NAMES[test.outcome],
        phrase=test.sentence,
        etapes=list(test.reasons),
        chiffres=[_figure(each) for each in test.figures],
    )


def _figure(figure: Figure) -> FigureLine:
    value = None if figure.value is None else str(figure.value)
    return FigureLine(figure.name, value, figure.unit, figure_text(figure), figure.source)


def _objection(objection: Objection) -> ObjectionLine:
    return ObjectionLine(
        genre=objection.kind,
        genre_nom=OBJECTION_NAMES.get(objection.kind, objection.kind),
        structure_id=objection.structure_id,
        part=fixed(objection.share, 6),
        part_texte=percent(objection.share),
        heures=objection.hours,
        phrase=objection.sentence,
        reponse=objection.answer,
    )


def _verdict(volet: str, verdict: Verdict) -> VerdictLine:
    return VerdictLine(
        objet=CLAIM_NAMES[volet],
        mot=verdict.word,
        mot_nom=VERDICT_NAMES[verdict.word],
        phrase=verdict.sentence,
        a_verifier=_figure(verdict.verify_first),
        pourquoi=verdict.verify_why,
    )


def _proportion(proportion: Proportion) -> ProportionFacts:
    asked, missing = proportion.asked_hundredths, proportion.missing_hundredths
    return ProportionFacts(
        etp_demandes=etp_cell(asked),
        etp_demandes_texte=_etp_text(asked),
        etp_manquants=None if missing is None else etp_cell(missing),
        etp_manquants_texte=UNKNOWN_FIGURE if missing is None else _etp_text(missing),
        constats=[finding_line(each) for each in proportion.lines],
        versements=[_payment(*each) for each in proportion.payments],
    )


def _payment(year: int, nature: str, cents: int) -> PaymentLine:
    return PaymentLine(year, nature, fixed(Fraction(cents, CENTS), 2), euros(cents))


def etp_cell(hundredths: int) -> str:
    """Write hundredths of ETP as a program reads them.

    >>> etp_cell(150)
    '1.50'
    """
    return fixed(Fraction(hundredths, HUNDREDTHS), 2)


def _etp_text(hundredths: int) -> str:
    return decimal(Fraction(hundredths, HUNDREDTHS), 2)
