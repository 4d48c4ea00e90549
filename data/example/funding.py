"""Funding of the example: what each funder brings to the posts of the structures that apply."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.example.applications import holder
from data.example.filings import FILINGS
from data.example.names import MARK
from data.example.needs import YEARS
from data.example.tables import csv_text, post_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from data.example.tables import Network

COLUMNS = ("poste_id", "financeur", "type", "annee", "montant_eur")

_COST_EUR = 44_600
"""Of an ETP for a year: what the method supposes."""

UNTOLD = "incomplete"
"""The application whose structure does not tell its funding: to be documented."""

_FALLING, _LESS = "sommes-fausses", 2_000
"""The application whose département brings less, and how many euros less."""

_PARTS = {
    "socle": (("Département", "collectivite", 60), ("Fonds propres", "prive", 40)),
    "aap_2022": (("État", "etat_aap", 70), ("Département", "collectivite", 30)),
}
"""Funding of a post → who pays it, in hundredths of its cost."""


def funding_csv(network: Network) -> str:
    """Return `financements.csv`: the year before and the study's own."""
    told = {
        network.ids[holder(filing.seat, network)]: filing.name
        for filing in FILINGS
        if filing.seat and filing.name != UNTOLD
    }
    lines = sorted(
        line
        for post, structure, _, etp, _, funding, *_ in post_rows(network)
        if structure in told
        for line in _lines(post, etp, funding, falls=told[structure] == _FALLING)
    )
    return csv_text(COLUMNS, lines)


def _lines(post: str, etp: str, funding: str, *, falls: bool) -> Iterator[tuple[object, ...]]:
    for name, kind, part in _PARTS[funding]:
        euros = round(float(etp) * _COST_EUR * part / 100)
        for year in (YEARS[0] - 1, YEARS[0]):
            less = _LESS if falls and kind == "collectivite" and year == YEARS[0] else 0
            yield post, f"{name}{MARK}", kind, year, euros - less
