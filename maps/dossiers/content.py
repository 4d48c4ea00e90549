"""The content of a sheet: what the PDF and the DOCX both say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage.dossiers.digest import digest
from coverage.dossiers.model import LEVEL_NAMES
from coverage.model import VOLETS
from coverage.parameters import CLASSES
from coverage.proposals.justification import GROUND_NAMES
from coverage.proposals.limits import euros
from coverage.wording import CLASS_NAMES, THIN, listing, plural
from maps.dossiers.argument_blocks import (
    finding_blocks,
    objection_blocks,
    posts,
    proportion_blocks,
    trials_table,
    verdict_block,
)
from maps.dossiers.blocks import FULL, Items, Paragraph, Picture, Section, Sheet, name, said
from maps.dossiers.certificate_block import certificate_blocks
from maps.dossiers.communes_block import commune_blocks
from maps.dossiers.origin_blocks import SHORT, origin_blocks
from maps.dossiers.static_map import map_words, static_map
from maps.numbers import UNKNOWN, study_title

if TYPE_CHECKING:
    from coverage.dossiers.bench import Bench
    from coverage.dossiers.model import Claim, Dossier
    from maps.dossiers.blocks import Block, Limits

REGIONS_NAMED = 3
NO_DECISION = "Proposition calculée, sans valeur de décision."
FICTIONAL = f"Exemple fictif{THIN}: ni la structure, ni les chiffres ne sont réels."
NO_CLAIM = (
    f"Aucun périmètre ne peut être lu dans cette candidature{THIN}: la demande n’est ni située ni "
    "éprouvée. Les constats disent quoi compléter."
)


def sheet_of(
    dossier: Dossier, bench: Bench, limits: tuple[Limits, Limits] = (FULL, FULL), *, svg: str = ""
) -> Sheet:
    """Return the content of the sheet of a dossier.

    Parameters
    ----------
    limits
        How much each page tells of what is long.
    svg
        The map when it is drawn already; drawn here otherwise.
    """
    study, empreinte = bench.coverage.study, digest(dossier)
    notices = (FICTIONAL, NO_DECISION) if study.fictional else (NO_DECISION,)
    title = name(dossier.case.structure_name or dossier.case.application_id)
    running = f"{title} – candidature {name(dossier.case.application_id)}"
    return Sheet(
        title=f"Fiche d’instruction – {title}",
        subtitle=f"{bench.call.name} – étude {name(study_title(study.name, study.year))}",
        notices=notices,
        sections=(
            *_claimed(dossier, bench, limits[0], svg),
            *_argued(dossier, bench, limits[1], empreinte),
        ),
        running=f"{running} – empreinte {empreinte[:SHORT]}",
    )


def main_volet(dossier: Dossier) -> str:
    """Return the volet whose map and communes are shown, empty without a perimeter."""
    return next((volet for volet in VOLETS if volet in dossier.claims), "")


def _claimed(dossier: Dossier, bench: Bench, limits: Limits, svg: str) -> list[Section]:
    """Return the first page: who asks what, the conclusion, the map, the communes."""
    volet = main_volet(dossier)
    sections = [
        Section("La demande", tuple(_asked(dossier, bench, limits)), 1),
        Section("La conclusion", tuple(_concluded(dossier, limits)), 1),
    ]
    if not volet:
        return sections
    drawing = svg or static_map(dossier, volet, bench)
    communes = commune_blocks(dossier.claims[volet], _scope(dossier, volet), bench, limits)
    return [
        *sections,
        Section("La carte", (Picture(drawing, map_words(dossier, volet, bench)),), 1),
        Section("Les communes demandées", tuple(communes), 1),
    ]


def _argued(dossier: Dossier, bench: Bench, limits: Limits, empreinte: str) -> list[Section]:
    """Return the second page: the argument volet by volet, the form, where figures come from."""
    findings = finding_blocks(dossier, limits)
    origin = origin_blocks(dossier.case, bench, limits, empreinte)
    return [
        *_tried(dossier, bench, limits),
        Section("Les constats sur le formulaire", tuple(findings), 2),
        Section("D’où viennent ces chiffres", tuple(origin), 2, small=True),
    ]


def _asked(dossier: Dossier, bench: Bench, limits: Limits) -> list[Block]:
    """Say who asks for what, gaps told as gaps."""
    form, case = dossier.case.form, dossier.case
    lines = []
    for volet in VOLETS:
        hundredths = form.get(f"demande.etp_{volet}")
        if not hundredths and volet not in dossier.claims:
            continue
        money = form.get(f"budget.montant_{volet}")
        claim = dossier.claims.get(volet)
        parts = [
            f"{posts(hundredths)} ETP" if hundredths else f"ETP {UNKNOWN}",
            f"subvention de {euros(money)}" if money is not None else f"subvention {UNKNOWN}e",
            "périmètre illisible" if claim is None else _where(claim, bench),
            f"acheteurs{THIN}: {_buyers(_scope(dossier, volet))}",
        ]
        lines.append((f"Volet {volet}{THIN}:", said(f"{f'{THIN}; '.join(parts)}.", limits)))
    ground = form.get("demande.motif_etp")
    why = GROUND_NAMES.get(ground, UNKNOWN)
    intro = (
        f"Candidature {name(case.application_id)}, fichier {name(case.file)}. Motif invoqué"
        f"{THIN}: {why}. Niveau le plus grave des constats{THIN}: {LEVEL_NAMES[dossier.level]}."
    )
    nothing = [("", "Aucun volet demandé ne peut être lu dans le formulaire.")]
    return [Paragraph(said(intro, limits)), Items(tuple(lines or nothing))]


def _where(claim: Claim, bench: Bench) -> str:
    names = bench.coverage.territory.names["region"]
    told = [names.get(region, region) for region in claim.regions[:REGIONS_NAMED]]
    if left := len(claim.regions) - len(told):
        told.append(plural(left, "autre région", "autres régions"))
    return f"{plural(len(claim.places), 'commune', 'communes')} ({listing(told)})"


def _scope(dossier: Dossier, volet: str) -> tuple[str, ...]:
    return dossier.case.places[volet][1] if volet in dossier.case.places else ()


def _buyers(scope: tuple[str, ...]) -> str:
    if not scope or len(scope) == len(CLASSES):
        return "toutes les classes"
    return listing(CLASS_NAMES[each] for each in scope)


def _concluded(dossier: Dossier, limits: Limits) -> list[Block]:
    blocks: list[Block] = []
    for volet in VOLETS:
        if volet in dossier.verdicts:
            blocks += verdict_block(volet, dossier.verdicts[volet], limits)
    return blocks or [Paragraph(NO_CLAIM, boxed=True)]


def _tried(dossier: Dossier, bench: Bench, limits: Limits) -> list[Section]:
    """Return the sections of the argument, volet by volet where there are two."""
    sections = []
    several = len(dossier.claims) > 1
    for volet in VOLETS:
        if volet not in dossier.claims:
            continue
        of = f", volet {volet}" if several else ""
        tests = dossier.tests.get(volet, ())
        if tests:
            sections.append(Section(f"Les trois épreuves{of}", (trials_table(tests, limits),), 2))
        if volet == main_volet(dossier):
            certificate = tuple(certificate_blocks(dossier.claims[volet], bench, limits))
            sections.append(Section(f"La preuve d’insuffisance{of}", certificate, 2))
        objections = tuple(objection_blocks(dossier.objections.get(volet, ()), limits))
        sections.append(Section(f"L’objection la plus forte{of}", objections, 2))
        if volet in dossier.proportions:
            proportion = tuple(proportion_blocks(volet, dossier.proportions[volet], limits))
            sections.append(Section(f"La proportion{of}", proportion, 2))
    return sections
