"""A study at a glance: key figures, what each status holds, what is unknown, the warnings."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from api.facts.places import fold
from api.facts.values import Amount, Rate, amount, rate
from coverage.palette import STYLES, style_rank
from coverage.parameters import CLASSES, STATE_CLASSES
from coverage.status import STATUTS

if TYPE_CHECKING:
    import pandas as pd

    from api.facts.ground import Ground
    from coverage.model import Coverage


@dataclass(frozen=True)
class Figures:
    """Figures of the régions shown.

    Attributes
    ----------
    besoin_h, besoin_etat_h
        Known need, None when no class, or no class of the State, is known anywhere.
    etp_manquants
        None when no need is known anywhere.
    deficit_h
        Known need that the fair flow leaves unserved.
    """

    communes: int
    communes_mixtes: int
    population: int
    besoin_h: int | None
    besoin_etat_h: int | None
    servi_h: int | None
    deficit_h: int | None
    taux: Rate
    zones_retenues: int
    zones_a_documenter: int
    zones_sans_besoin_identifie: int
    autre_lecture_zones_ajoutees: int
    etp_manquants: Amount | None
    facilitateurs_etp: Amount
    coordinateurs_etp: Amount


@dataclass(frozen=True)
class StatusLine:
    """What the communes that show one status hold, one line of the legend.

    Attributes
    ----------
    motif_legende
        Key of its drawing in the legend.
    besoin_h
        Known hours; None when no class is known in any of these communes.
    """

    motif_legende: str
    statut: str
    nuance: str
    nom: str
    court: str
    communes: int
    population: int
    besoin_h: int | None
    part_communes: str
    part_population: str


@dataclass(frozen=True)
class Warned:
    """A warning: where, what, and what to do."""

    fichier: str
    ligne: int | None
    objet: str
    constat: str
    remede: str


@dataclass(frozen=True)
class RegionLine:
    """One région: who is there, what is needed, what is missing.

    Attributes
    ----------
    besoin_h, besoin_etat_h, servi_h, deficit_h
        Of the known need; None when no commune has any class known.
    population_par_motif
        Inhabitants by line of the legend, worse first: what suffices for the known need alone
        is apart.
    """

    region: str
    nom: str
    facilitateurs_etp: Amount
    coordinateurs_etp: Amount
    communes: int
    population: int
    besoin_h: int | None
    besoin_etat_h: int | None
    servi_h: int | None
    deficit_h: int | None
    communes_besoin_inconnu: int
    communes_besoin_partiel: int
    taux: Rate
    taux_etat: Rate
    communes_par_statut: dict[str, int]
    population_par_statut: dict[str, int]
    population_par_motif: dict[str, int]
    zones_retenues: int
    zones_a_documenter: int
    etp_manquants: Amount | None


@dataclass(frozen=True)
class Check:
    """The independent check of the whole study: the fair flow serves as much as any can."""

    besoin_h: int
    capacite_h: int
    servi_h: int
    flot_maximum_h: int
    besoin_etat_h: int
    flot_maximum_etat_h: int
    besoin_ecart_arrondi_h: int


def figures(ground: Ground, region: str = "") -> Figures:
    """Return the key figures of the régions shown."""
    shown = ground.shown(region)
    totals, regions = shown.totals, shown.regions
    need = totals["besoin_h"]
    blank, partial = totals["communes_besoin_inconnu"], totals["communes_besoin_partiel"]
    unknown = CLASSES if blank or partial else ()
    kept = {name: totals[name] for name in _FIGURES}
    nothing = blank == totals["communes"]
    kept |= dict.fromkeys(_unknown_hours(shown.communes))
    return Figures(
        **kept,
        taux=rate(Fraction(totals["servi_h"], need) if need else None, unknown=unknown),
        etp_manquants=None if nothing else amount(sum(regions["etp_manquants"], Fraction(0))),
        facilitateurs_etp=amount(sum(regions["facilitateurs_etp"], Fraction(0))),
        coordinateurs_etp=amount(sum(regions["coordinateurs_etp"], Fraction(0))),
    )


_FIGURES = (
    *("communes", "communes_mixtes", "population", "besoin_h", "besoin_etat_h", "servi_h"),
    *("deficit_h", "zones_retenues", "zones_a_documenter", "zones_sans_besoin_identifie"),
    "autre_lecture_zones_ajoutees",
)


def status_lines(shown: Coverage) -> list[StatusLine]:
    """Return what the communes that show each status hold, every line of the legend."""
    communes = shown.communes.assign(
        rank=_ranks(shown.communes), people=shown.communes["population"].clip(lower=0)
    )
    groups = dict(iter(communes.groupby("rank")))
    people = int(communes["people"].sum())
    return [
        _status_line(rank, groups.get(rank), len(communes), people) for rank in range(len(STYLES))
    ]


def _ranks(communes: pd.DataFrame) -> list[int]:
    """Return the line of the legend that each commune shows."""
    columns = (communes[name] for name in ("statut", "gravite", "classes_inconnues"))
    return [
        style_rank(status, gravity, unknown=bool(unknown))
        for status, gravity, unknown in zip(*columns, strict=True)
    ]


def _status_line(rank: int, own: pd.DataFrame | None, communes: int, people: int) -> StatusLine:
    style = STYLES[rank]
    count = 0 if own is None else len(own)
    inhabitants = 0 if own is None else int(own["people"].sum())
    blank = own is not None and bool((own["besoin_connu"] == "aucun").all())
    return StatusLine(
        motif_legende=style.key,
        statut=style.status,
        nuance=style.nuance,
        nom=style.label,
        court=style.short,
        communes=count,
        population=inhabitants,
        besoin_h=0 if own is None else None if blank else int(own["besoin_h"].sum()),
        part_communes=_share(count, communes),
        part_population=_share(inhabitants, people),
    )


def _share(part: int, whole: int) -> str:
    return rate(Fraction(part, whole) if whole else Fraction(0)).texte


def warned(coverage: Coverage) -> list[Warned]:
    """Return what a planner should read first."""
    return [
        Warned(w.file, w.row or None, w.column, str(w.message), w.remedy) for w in coverage.warnings
    ]


def region_lines(ground: Ground, region: str = "") -> list[RegionLine]:
    """Return the régions shown, by name."""
    shown = ground.shown(region)
    communes = shown.communes.assign(rank=_ranks(shown.communes))
    own = {str(code): group for code, group in communes.groupby("region")}
    lines = [
        _region(str(code), row, own[str(code)])
        for code, row in shown.regions.to_dict("index").items()
    ]
    return sorted(lines, key=lambda line: fold(line.nom))


_HOURS = ("besoin_h", "besoin_etat_h", "servi_h", "deficit_h")


def _unknown_hours(communes: pd.DataFrame) -> tuple[str, ...]:
    """Return the hours of which nothing is known in some communes: all, the State's, or none."""
    if (communes["besoin_connu"] == "aucun").all():
        return _HOURS
    blind = (set(STATE_CLASSES) <= set(row) for row in communes["classes_inconnues"])
    nothing = not communes["besoin_etat_h"].any()
    return ("besoin_etat_h",) if nothing and all(blind) else ()


def _region(code: str, row: dict[Any, Any], own: pd.DataFrame) -> RegionLine:
    partial = int((own["besoin_connu"] == "partiel").sum())
    blank = int((own["besoin_connu"] == "aucun").sum())
    unknown = CLASSES if partial or blank else ()
    people = own["population"].clip(lower=0).groupby(own["rank"]).sum()
    return RegionLine(
        region=code,
        nom=str(row["nom"]),
        facilitateurs_etp=amount(row["facilitateurs_etp"]),
        coordinateurs_etp=amount(row["coordinateurs_etp"]),
        communes=len(own),
        population=int(row["population"]),
        **{name: int(row[name]) for name in _HOURS} | dict.fromkeys(_unknown_hours(own)),
        communes_besoin_inconnu=blank,
        communes_besoin_partiel=partial,
        taux=rate(row["taux_reponse"], unknown=unknown),
        taux_etat=rate(row["taux_reponse_etat"], unknown=unknown),
        communes_par_statut={status: int(row[f"communes_{status}"]) for status in STATUTS},
        population_par_statut={status: int(row[f"population_{status}"]) for status in STATUTS},
        population_par_motif={
            style.key: int(people.get(rank, 0)) for rank, style in enumerate(STYLES)
        },
        zones_retenues=int(row["zones_retenues"]),
        zones_a_documenter=int(row["zones_a_documenter"]),
        etp_manquants=None if blank == len(own) else amount(row["etp_manquants"]),
    )


def check(coverage: Coverage) -> Check:
    """Return the independent check, of everything filed whatever is shown."""
    need = coverage.need.parts
    state = need["donneur_ordre"].isin(STATE_CLASSES)
    totals = coverage.totals
    return Check(
        besoin_h=int(need["hours"].sum()),
        capacite_h=int(totals["capacite_h"]),
        servi_h=int(coverage.communes["servi_h"].sum()),
        flot_maximum_h=int(totals["flot_maximum_h"]),
        besoin_etat_h=int(need.loc[state, "hours"].sum()),
        flot_maximum_etat_h=int(totals["flot_maximum_etat_h"]),
        besoin_ecart_arrondi_h=round(totals["besoin_ecart_arrondi_h"]),
    )
