"""The files of proposals, from what was decided (formats page, « Results folder »)."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from coverage.proposals.decisions import by_option, opinions_said
from coverage.proposals.justification import justification, opinion, replacement
from coverage.proposals.limits import CENTS, FACILITATOR
from data.results.before_after import before_after_table
from data.results.files import certificates_json
from data.results.geojson import feature_collection, geometries_json
from data.results.opinion_files import funding_table, opinions_table
from data.results.plan_files import budget_table, coordinators_table, plan_json
from data.results.provenance import provenance
from data.results.readme import ABOUT_PROPOSALS, README_FILE, readme_text
from data.results.tables import Table, cell, csv_text, fixed, records
from geo.dissolve import dissolve

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from coverage.proposals.decisions import Said
    from coverage.proposals.model import Broken, Option, Ranked
    from coverage.proposals.outcome import Proposals
    from coverage.proposals.places import Place

COLUMNS = (
    *("rang", "option_id", "structure_id", "structure", "volet", "region", "motif_etp"),
    *("zone_ids", "lieu", "etp", "cout_eur", "part_etat_eur", "taux_etat"),
    *("gain_prioritaire_h", "gain_sans_perimetre_principal_h", "gain_h", "gain_h_par_etp"),
    *("finance", "motif_non_finance", "plan_exact", "classe", "cout_remplacement_h"),
    *("certificats_avant", "certificats_apres"),
    *("probabilite", "rang_min", "rang_max", "avis", "justification"),
)
WHOLE = frozenset(
    {
        *("rang", "gain_prioritaire_h", "gain_sans_perimetre_principal_h", "gain_h"),
        *("gain_h_par_etp", "cout_remplacement_h", "rang_min", "rang_max"),
    }
)
DECIMAL = frozenset({"etp", "cout_eur", "part_etat_eur", "taux_etat", "probabilite"})

ASIDE = (
    *("option_id", "structure_id", "structure", "volet", "region", "etp", "motif_etp"),
    *("regle", "constat", "remede"),
)


def proposal_files(found: Proposals, *, excel: bool = False) -> dict[str, bytes | str]:
    """Return the content of every file of proposals but the synthesis, by name.

    Parameters
    ----------
    excel
        CSV files as a spreadsheet set to French opens them (`csv_text`).
    """
    coverage = found.ask.coverage
    origin = provenance(coverage.study, coverage.territory)
    table = proposals_table(found)
    return {
        README_FILE: readme_text(origin, excel=excel, about=ABOUT_PROPOSALS),
        "propositions.csv": csv_text(table, excel=excel),
        "propositions.geojson": proposals_geojson(found, table),
        "propositions_ecartees.csv": csv_text(aside_table(found), excel=excel),
        "plan.json": plan_json(found),
        "budget.csv": csv_text(budget_table(found), excel=excel),
        "coordinateurs.csv": csv_text(coordinators_table(found), excel=excel),
        "avis.csv": csv_text(opinions_table(found.ask), excel=excel),
        "financements.csv": csv_text(funding_table(coverage.study), excel=excel),
        "avant_apres.csv": csv_text(
            before_after_table({"avant": coverage, "liste": found.listed, "plan": found.planned}),
            excel=excel,
        ),
        "certificats.json": certificates_json(coverage),
        "certificats_liste.json": certificates_json(found.listed),
        "certificats_plan.json": certificates_json(found.planned),
    }


def proposals_table(found: Proposals) -> Table:
    """Return the table of `propositions.csv`, one row a ranked post, in their order."""
    said = by_option(opinions_said(found.ask.coverage.study.opinions, found.ask.options))
    rows = [
        _row(found, row, found.places.of(found.position[row.option.option_id]), said)
        for row in found.ranked
    ]
    columns = {name: [row[name] for row in rows] for name in COLUMNS}
    return Table(columns, whole=WHOLE, decimal=DECIMAL)


def _row(
    found: Proposals, row: Ranked, place: Place, said: Mapping[str, Sequence[Said]]
) -> dict[str, str]:
    option = row.option
    chosen = found.position[option.option_id] in found.plan.chosen
    firm = found.solidity.get(option.option_id)
    lost = None if row.replacement_hours is None else replacement(row)[0]
    values = {
        "rang": row.rank,
        "zone_ids": option.zone_ids,
        "lieu": place.label,
        "gain_prioritaire_h": row.gains[0],
        "gain_sans_perimetre_principal_h": row.gains[1],
        "gain_h": row.gains[2],
        "gain_h_par_etp": int(row.gains[2] / option.etp),
        "finance": row.funded,
        "motif_non_finance": found.unfunded(row),
        "plan_exact": chosen,
        "classe": row.class_,
        "cout_remplacement_h": lost,
        "certificats_avant": place.certificates,
        "certificats_apres": place.remaining,
        "rang_min": None if firm is None else firm.rank_low,
        "rang_max": None if firm is None else firm.rank_high,
        "avis": opinion(found.ask, option, said),
        "justification": justification(found, row, place),
    }
    return {
        **_identity(option),
        **{name: cell(value) for name, value in values.items()},
        "cout_eur": fixed(Fraction(option.cost_cents, CENTS), 2),
        "part_etat_eur": fixed(Fraction(option.state_cents, CENTS), 2),
        "taux_etat": fixed(_share(option), 6),
        "probabilite": "" if firm is None else fixed(firm.probability, 6),
    }


def _identity(option: Option) -> dict[str, str]:
    return {
        "option_id": option.option_id,
        "structure_id": option.structure_id,
        "structure": option.structure_name,
        "volet": option.volet,
        "region": option.region,
        "etp": fixed(option.etp, 2),
        "motif_etp": option.ground,
    }


def _share(option: Option) -> Fraction | None:
    return Fraction(option.state_cents, option.cost_cents) if option.cost_cents else None


def proposals_geojson(found: Proposals, table: Table) -> bytes:
    """Return `propositions.geojson`: the ranked posts, each with the outline of its perimeter.

    Parameters
    ----------
    table
        That of `propositions.csv`, whose columns are the properties.
    """
    coverage = found.ask.coverage
    outlines = coverage.territory.units.geometry.to_numpy()
    perimeters = sorted({row.option.units for row in found.ranked})
    shapes = np.full(len(perimeters), None, dtype=object)
    for number, units in enumerate(perimeters):
        if units:
            shapes[number] = dissolve(outlines[list(units)], [0] * len(units))[0]
    drawn = dict(zip(perimeters, geometries_json(shapes), strict=True))
    order = sorted(range(len(found.ranked)), key=lambda k: found.ranked[k].option.option_id)
    properties = records(table)
    options = [found.ranked[k].option for k in order]
    return feature_collection(
        [option.option_id for option in options],
        [drawn[option.units] for option in options],
        [properties[k] for k in order],
        provenance(coverage.study, coverage.territory),
    )


def aside_table(found: Proposals) -> Table:
    """Return the table of `propositions_ecartees.csv`: one row an option and what keeps it out."""
    rows = sorted(_aside(found), key=lambda row: (row["option_id"], row["regle"], row["constat"]))
    return Table({name: [row[name] for row in rows] for name in ASIDE}, decimal=frozenset({"etp"}))


def _aside(found: Proposals) -> Iterator[dict[str, str]]:
    ask = found.ask
    by_id = {option.option_id: option for option in ask.options}
    for broken in ask.aside:
        yield _identity(by_id[broken.option_id]) | _told(broken)
    for name, reason in (ask.refused or {}).items():
        yield _identity(by_id[name]) | {
            "regle": "refus",
            "constat": f"refusée : {reason}",
            "remede": "lever le refus",
        }
    known = {row.option.option_id for row in found.ranked} | {row.option_id for row in ask.aside}
    for option in ask.options:
        if option.option_id not in known | set(ask.refused or ()) and option.volet != FACILITATOR:
            yield _identity(option) | {
                "regle": "liste_des_coordinateurs",
                "constat": "poste de coordinateur, classé sur sa liste à part (coordinateurs.csv)",
                "remede": "le verrouiller pour qu’il prenne sur l’enveloppe",
            }


def _told(broken: Broken) -> dict[str, str]:
    return {"regle": broken.rule, "constat": broken.message, "remede": broken.remedy}
