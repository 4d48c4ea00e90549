"""One place explained: who covers it, where its hours come from, its rates, years and proofs."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from api.facts.contributions import class_contributions, contribution_lines
from api.facts.ground import Ground
from api.facts.hypotheses import hypotheses
from api.facts.places import find_commune
from api.facts.sites import projects_of_commune, services_of_commune
from api.facts.values import KNOWN_NAMES, NATURE_NAMES, hours_text, optional_int
from api.facts.years import break_words, year_lines
from coverage.study import compute
from coverage.wording import CLASS_NAMES, STATUS_NAMES, certificate_sentence, percent, whole
from data.results.provenance import plain
from geo.errors import UnknownCodeError

__all__ = ("explanation", "facts", "find_commune", "of_year")

if TYPE_CHECKING:
    from api.facts.contributions import ClassContributions, Contribution
    from api.facts.sites import ProjectLine, ServiceLine
    from coverage.model import Coverage
    from coverage.parameters import Parameters


def of_year(coverage: Coverage, year: int | None) -> Coverage:
    """Return the coverage of another year of a study; its years are still all told.

    Parameters
    ----------
    year
        One of the years studied; None for the study's own.

    Raises
    ------
    UnknownCodeError
        When the study does not follow this year.
    """
    years = coverage.years
    if year is None or year == coverage.study.year:
        return coverage
    if year not in years.years:
        several = len(years.years) > 1
        followed = f"{years.years[0]} à {years.years[-1]}" if several else f"{years.years[0]}"
        raise UnknownCodeError(
            f"l’étude ne suit pas l’année {year}, seulement {followed} → choisir une année "
            "qu’elle suit, ou changer « derniere_annee » dans etude.toml"
        )
    study = replace(coverage.study, year=year, last_year=year)
    found = compute(study, coverage.territory)
    # Hours served are rounded zone by zone in the year explained: its line is that of the detail.
    others = years.communes[years.communes["annee"] != year]
    told = pd.concat([others, found.years.communes]).sort_values(["annee", "unit"])
    return replace(
        found,
        communes=found.communes.assign(annee_rupture=coverage.communes["annee_rupture"]),
        years=replace(years, communes=told.reset_index(drop=True)),
    )


def facts(coverage: Coverage, code: str) -> dict[str, Any]:
    """Return everything that decides one commune's status, as plain values."""
    row = coverage.communes.loc[code].to_dict()
    zone = coverage.zones.loc[row["zone_id"]]
    ground = Ground(coverage)
    unit = int(coverage.territory.units.index.get_loc(code))
    need = coverage.need.parts[coverage.need.parts["unit"] == unit]
    own = ground.certificates_of(code)
    names = coverage.study.structures["nom"]
    services, projects = services_of_commune(ground, unit), projects_of_commune(ground, unit)
    return {
        "commune": code,
        "annee": coverage.study.year,
        **{str(name): plain(value) for name, value in row.items()},
        "structures": [
            {"structure_id": s, "nom": names.get(s, s), "nature": nature}
            for s, nature in sorted(ground.cover(unit))
        ],
        "besoins": need.drop(columns="unit").to_dict("records"),
        "contributions": [asdict(line) for line in contribution_lines(ground, unit)],
        "services_etat": None if services is None else [asdict(line) for line in services],
        "grands_projets": None if projects is None else [asdict(line) for line in projects],
        "annees": [asdict(line) for line in year_lines(ground, unit)],
        "motif_zone": zone["motif"],
        "certificats": [
            {"id": name, "phrase": certificate_sentence(coverage.certificates[name])}
            for name in zone["certificats"]
            if name in own
        ],
    }


def explanation(coverage: Coverage, code: str) -> str:
    """Return the explanation of one commune, in French."""
    found = facts(coverage, code)
    row = coverage.communes.loc[code]
    ground = Ground(coverage)
    unit = int(coverage.territory.units.index.get_loc(code))
    year = coverage.study.year
    lines = [
        f"{found['nom']} ({code}), département {found['departement']}, en {year}",
        f"Statut : {STATUS_NAMES[found['statut']]}",
        *(["Commune mixte : une autre partie a un autre statut"] if found["mixte"] else []),
        *_why(row, coverage.study.parameters),
        f"Sa zone ({found['zone_id']}) : {found['motif_zone']}",
        "",
        "Qui couvre :",
        *(_cover(found["structures"])),
        "",
        f"D’où viennent ces heures (besoin de {year}, {KNOWN_NAMES[found['besoin_connu']]}) :",
        *_needs(class_contributions(ground, unit), coverage.study.parameters),
        _total(found),
        *_unknown(found["classes_inconnues"]),
        "",
        "Services de l’État :",
        *_services(services_of_commune(ground, unit)),
        f"Grands projets en {year} :",
        *_projects(projects_of_commune(ground, unit)),
        "",
        f"Taux de réponse : {_rate(row['taux_reponse'])}",
        f"Taux de réponse État (État servi d’abord) : {_rate(row['taux_reponse_etat'])}",
        *_years(ground, unit),
    ]
    if found["certificats"]:
        lines += ["", "Certificats (détail dans certificats.json) :"]
        lines += [f"  {c['id']} : {c['phrase']}" for c in found["certificats"]]
    return "\n".join(lines)


def _why(row: Any, parameters: Parameters) -> list[str]:  # noqa: ANN401 - a row of communes
    """Say how the commune itself stands against each threshold."""
    tests = (
        ("Taux de réponse", row["taux_reponse"], parameters.seuil_reponse),
        ("Taux de réponse État", row["taux_reponse_etat"], parameters.seuil_reponse_etat),
    )
    return [
        f"Pourquoi : {name} de {percent(rate)}, sous le seuil de {percent(threshold)}"
        for name, rate, threshold in tests
        if row["statut"] == "capacite_insuffisante" and rate is not None and rate < threshold
    ]


def _cover(structures: list[dict[str, str]]) -> list[str]:
    if not structures:
        return ["  aucun facilitateur"]
    return [f"  {s['nom']} ({s['structure_id']}) : {NATURE_NAMES[s['nature']]}" for s in structures]


def _needs(classes: list[ClassContributions], parameters: Parameters) -> list[str]:
    """Say each class and its largest contributions; the tenths shown add up to each class."""
    lines = []
    for own in classes:
        name = own.donneur_ordre_nom
        part = "" if own.connue else ", connu en partie seulement"
        rounded = whole(own.heures) != own.heures_texte
        before = f" ({own.heures_texte} h avant arrondi)" if rounded else ""
        lines.append(f"  {name[0].upper()}{name[1:]} : {whole(own.heures)} h{before}{part}")
        lines += [f"    {_contribution(line)}" for line in own.contributions]
        if own.autres:
            others = f"{whole(own.autres)} autre{'s' if own.autres > 1 else ''}"
            lines.append(f"    et {others} : {own.autres_heures_texte} h")
    origins = {name for own in classes for name in own.origines}
    return [*lines, *(f"  {found.phrase}" for found in hypotheses(parameters, origins))]


def _contribution(line: Contribution) -> str:
    programme = f", programme {line.programme_nom}" if line.programme else ""
    source = f"source : {line.source}" if line.source else "source non indiquée"
    told = line.identifiant and line.identifiant not in line.intitule
    name = f", identifiant {line.identifiant}" if told else ""
    return f"{line.intitule} : {line.heures_texte} h{programme} — {source}{name}"


def _total(found: dict[str, Any]) -> str:
    """Say the hours of the commune; where nothing is known, that is no zero."""
    if found["besoin_connu"] == "aucun":
        return "  total inconnu : aucune heure n’est connue, ce qui n’est pas zéro"
    return (
        f"  total {whole(found['besoin_h'])} h, dont État {whole(found['besoin_etat_h'])} h ; "
        f"servies au mieux : {whole(found['servi_h'])} h"
    )


def _unknown(classes: list[str]) -> list[str]:
    if not classes:
        return []
    return ["  inconnu (ni zéro, ni couvert) : " + ", ".join(CLASS_NAMES[c] for c in classes)]


def _services(lines: list[ServiceLine] | None) -> list[str]:
    if lines is None:
        return ["  inconnu : aucun fichier de services déposé"]
    return [
        f"  {line.nom} : {line.accompagne_nom}"
        + (f" par {line.structure}" if line.structure else "")
        + (", lieu connu à la ville seulement" if line.approximatif else "")
        for line in lines
    ] or ["  aucun dans les fichiers déposés"]


def _projects(lines: list[ProjectLine] | None) -> list[str]:
    if lines is None:
        return ["  inconnu : aucun fichier de grands projets déposé"]
    return [f"  {line.nom} ({line.programme_nom})" for line in lines] or ["  aucun"]


def _years(ground: Ground, unit: int) -> list[str]:
    """Say each year, when the study follows several."""
    lines = year_lines(ground, unit)
    if len(lines) == 1:
        return []
    year = optional_int(ground.coverage.communes["annee_rupture"].iloc[unit])
    return [
        "",
        f"Année par année : {break_words(ground, year, 'la commune')}",
        *(
            f"  {line.annee} : besoin {hours_text(line.besoin_h)}, servies au mieux "
            f"{hours_text(line.servi_h)}, taux de réponse {line.taux.texte}, {line.statut_nom}"
            for line in lines
        ),
    ]


def _rate(rate: Any) -> str:  # noqa: ANN401 - a Fraction or None out of a table
    return "sans objet (aucun besoin connu)" if rate is None else percent(rate)
