"""The certificate that bears most on a claim: a sentence, and sums that anyone can redo."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from coverage.wording import THIN, certificate_sentence, plural, whole
from maps.dossiers.blocks import NUMBER, TEXT, Beside, Paragraph, Table, name, said

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coverage.dossiers.bench import Bench
    from coverage.dossiers.model import Claim
    from coverage.model import Certificate
    from maps.dossiers.blocks import Block, Limits

_NONE = (
    "Aucun certificat d’insuffisance ne porte sur les communes demandées : les structures "
    "déclarées pourraient au mieux répondre au besoin connu, sous les hypothèses affichées."
)
_KINDS = ("extensions_comprises", "perimetres_principaux")
_FLOWS = ("total", "etat")


def certificate_blocks(claim: Claim, bench: Bench, limits: Limits) -> list[Block]:
    """Return the strongest certificate on the communes claimed, in words and in sums."""
    asked = {str(bench.coverage.territory.codes[unit]) for unit in claim.units}
    found = strongest(asked, bench)
    if found is None:
        return [Paragraph(_NONE)]
    needs, capacities = _sums(found, bench.coverage.certificates)
    inside = sum(hours for place, hours in needs.items() if _commune(place) in asked)
    missing = found.need_hours - found.capacity_hours
    places = _table("Lieu", "Besoin (h/an)", _places(needs, asked, bench), limits)
    check = f"{whole(inside)} h de ce besoin sont dans les communes demandées."
    sums: Block = places
    if capacities:
        suppliers = _structures(capacities, bench)
        sums = Beside((places, _table("Structure", "Capacité (h/an)", suppliers, limits)))
        check = (
            f"Vérification à la main{THIN}: {whole(found.need_hours)} h de besoin, moins "
            f"{whole(found.capacity_hours)} h de capacité, font {whole(missing)} h. {check}"
        )
    lead = f"Certificat {found.certificate_id}."
    return [Paragraph(said(certificate_sentence(found), limits), lead=lead), sums, Paragraph(check)]


def strongest(asked: set[str], bench: Bench) -> Certificate | None:
    """Return the certificate with most need of its own in some communes, None without any.

    Those that count extensions and all needs come first: they prove the most.
    """
    zones = bench.coverage.zones["certificats"]
    held = {
        zone
        for row in bench.coverage.communes.loc[sorted(asked), "zone_id"]
        for zone in (row,)
        if zone in zones.index
    }
    names = {name for zone in held for name in zones[zone]}
    known = [bench.coverage.certificates[name] for name in sorted(names)]
    weighed = [
        (sum(hours for place, _, hours in each.places if _commune(place) in asked), each)
        for each in known
    ]
    bearing = [(hours, each) for hours, each in weighed if hours]
    return min(bearing, key=_rank)[1] if bearing else None


def _rank(weighed: tuple[int, Certificate]) -> tuple[int, int, int, str]:
    hours, each = weighed
    return _KINDS.index(each.kind), _FLOWS.index(each.flow), -hours, each.certificate_id


def _sums(
    certificate: Certificate, known: Mapping[str, Certificate]
) -> tuple[Counter[str], Counter[str]]:
    """Return the need by place and the capacity by structure of a certificate and its ancestors."""
    needs: Counter[str] = Counter()
    capacities: Counter[str] = Counter()
    for each in (certificate, *(known[ancestor] for ancestor in certificate.ancestors)):
        for place, _, hours in each.places:
            needs[place] += hours
        for structure, _, hours in each.structures:
            capacities[structure] += hours
    return needs, capacities


def _commune(place: str) -> str:
    return place.partition("-")[0]


def _places(needs: Counter[str], asked: set[str], bench: Bench) -> list[tuple[str, int]]:
    """Return the places claimed first, the heaviest first."""
    names = bench.coverage.territory.units["name"]
    order = sorted(needs, key=lambda place: (_commune(place) not in asked, -needs[place], place))
    return [
        (f"{names[_commune(place)]}{' (partie)' if '-' in place else ''}", needs[place])
        for place in order
    ]


def _structures(capacities: Counter[str], bench: Bench) -> list[tuple[str, int]]:
    names = bench.coverage.study.structures["nom"]
    order = sorted(capacities, key=lambda structure: (-capacities[structure], structure))
    return [(str(names.get(structure, structure)), capacities[structure]) for structure in order]


def _table(what: str, hours: str, lines: list[tuple[str, int]], limits: Limits) -> Table:
    shown, others = lines[: limits.places], lines[limits.places :]
    rows = [(name(words), whole(value)) for words, value in shown]
    if others:
        noun = "autre lieu" if what == "Lieu" else "autre structure"
        label = plural(len(others), noun, "autres lieux" if what == "Lieu" else "autres structures")
        rows.append((label, whole(sum(value for _, value in others))))
    rows.append(("Somme", whole(sum(value for _, value in lines))))
    return Table(
        ((what, TEXT, 5), (hours, NUMBER, 2)),
        tuple(rows),
        f"Certificat : {hours.lower()} par {what.lower()}, puis la somme.",
        total=True,
    )
