"""What a consolidation did, as planners read it and as machines do."""

from __future__ import annotations

import json
from collections import Counter
from itertools import groupby
from textwrap import fill
from typing import TYPE_CHECKING

from data.consolidate.model import NATURES
from data.consolidate.write import MARK_FILE
from data.results.tables import Table, csv_text
from data.study.faults import count
from data.study.folder import README_FILE
from geo.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from data.consolidate.model import Balance, Outcome, Told

TABLE_FILE = "consolidation.csv"
"""Every line told, as a table."""

OWN_FILES = (README_FILE, TABLE_FILE, MARK_FILE)
"""Files of a consolidated folder that are not read as a study."""

OUTCOMES: tuple[Outcome, ...] = ("lues", "gardees", "doublons", "ajoutees")

_COLUMNS = ("nature", "table", "objet", "dossiers", "constat", "suite")
_WIDTH = 96
_SHOWN = 100
_LONGEST = 300
_INTRODUCTION = (
    "Dossier d’étude réuni par « zones-blanches consolider ». Il se vérifie, se calcule et se "
    "propose comme tout dossier d’étude. Rien n’y est choisi en silence : deux valeurs contraires "
    "pour un même fait arrêtent la consolidation ; le reste est dit ici et, ligne par ligne, dans "
    f"{TABLE_FILE}."
)
_AFTER = (
    "Corrigez de préférence les dossiers régionaux, puis recommencez : un dossier réuni qui a été "
    "modifié n’est pas remplacé."
)


def report_files(
    told: Sequence[Told], balance: Balance, dossiers: Mapping[str, str]
) -> dict[str, bytes]:
    """Return the files of the report that people read, by name.

    Parameters
    ----------
    dossiers
        Label → digest of the package that it came in, empty for a folder.
    """
    readme = readme_text(told, balance, dossiers).replace("\n", "\r\n")
    return {
        TABLE_FILE: csv_text(_table(told), excel=True).encode(),
        README_FILE: readme.encode("utf-8-sig"),
    }


def mark(
    told: Sequence[Told], balance: Balance, dossiers: Mapping[str, str], digests: Mapping[str, str]
) -> bytes:
    """Return `consolidation.json`: what was joined, counted and told, and every file's digest."""
    content = {
        "version": VERSION,
        "dossiers": sorted(dossiers),
        "paquets": {label: digest for label, digest in sorted(dossiers.items()) if digest},
        "bilan": [
            {"table": name, "dossier": label} | {each: counts[each] for each in OUTCOMES}
            for (name, label), counts in sorted(balance.items())
        ],
        "ecrites": written(balance),
        "constats": [dict(zip(_COLUMNS, _cells(line), strict=True)) for line in told],
        "fichiers": dict(sorted(digests.items())),
    }
    return json.dumps(content, ensure_ascii=False, indent=2).encode() + b"\n"


def written(balance: Balance) -> dict[str, int]:
    """Return how many rows of each table the consolidated study holds."""
    totals = _by_table(balance)
    return {name: each["gardees"] + each["ajoutees"] for name, each in totals.items()}


def readme_text(told: Sequence[Told], balance: Balance, dossiers: Mapping[str, str]) -> str:
    """Return the report as a French text: what to look at first, then the balance of rows."""
    lines = ["ÉTUDE NATIONALE RÉUNIE", "", fill(_INTRODUCTION, _WIDTH), ""]
    lines.append(f"Dossiers réunis ({len(dossiers)})")
    lines += [_source_line(label, digest) for label, digest in sorted(dossiers.items())]
    for nature, group in groupby(told, key=lambda line: line.nature):
        listed = list(group)
        lines += ["", f"{count(len(listed), *NATURES[nature])}".upper()]
        for line in listed[:_SHOWN]:
            lines += _told_lines(line)
        if len(listed) > _SHOWN:
            lines.append(f"  … et {len(listed) - _SHOWN} de plus dans {TABLE_FILE}")
    lines += ["", "BILAN DES LIGNES", *balance_lines(balance), "", fill(_AFTER, _WIDTH)]
    return "\n".join(lines) + "\n"


def _source_line(label: str, digest: str) -> str:
    return f"  - {label}" + (f", paquet d’empreinte {digest}" if digest else "")


def balance_lines(balance: Balance) -> list[str]:
    """Return the balance of rows, by table and dossier: what was read was kept or repeated."""
    lines = []
    for name, total in _by_table(balance).items():
        lines.append(f"  {name} : {_counted(total)}")
        mine = [(label, counts) for (table, label), counts in balance.items() if table == name]
        lines += [f"    {label} : {_counted(counts)}" for label, counts in sorted(mine)]
    return lines


def short_balance(balance: Balance) -> list[str]:
    """Return the balance of rows by table."""
    return [f"  {name} : {_counted(total)}" for name, total in _by_table(balance).items()]


def _by_table(balance: Balance) -> dict[str, Counter[Outcome]]:
    totals: dict[str, Counter[Outcome]] = {}
    for (name, _), counts in balance.items():
        totals.setdefault(name, Counter()).update(counts)
    return dict(sorted(totals.items()))


def _counted(counts: Counter[Outcome]) -> str:
    parts = [count(counts["gardees"], "gardée")]
    if counts["doublons"]:
        parts.append(count(counts["doublons"], "déjà donnée", "déjà données"))
    text = f"{count(counts['lues'], 'ligne lue', 'lignes lues')} = {' + '.join(parts)}"
    more = counts["ajoutees"]
    return f"{text} ; {count(more, 'ajoutée')}, une par région" if more else text


def summary(told: Sequence[Told]) -> str:
    """Return how many lines of each nature were told, in French."""
    counts = Counter(line.nature for line in told)
    parts = [count(counts[nature], *names) for nature, names in NATURES.items() if counts[nature]]
    return ", ".join(parts) or "aucun constat"


def _told_lines(line: Told) -> list[str]:
    where = f" [{', '.join(line.dossiers)}]"
    subject = line.subject if len(line.subject) <= _LONGEST else f"{line.subject[:_LONGEST]}…"
    head = " : ".join(part for part in (line.table, subject) if part)
    return [
        _wrapped(f"{head}{where}", "  - "),
        _wrapped(line.found, "    "),
        _wrapped(f"→ {line.outcome}", "    "),
    ]


def _wrapped(text: str, indent: str) -> str:
    return fill(
        text,
        _WIDTH,
        initial_indent=indent,
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _table(told: Sequence[Told]) -> Table:
    rows = [_cells(line) for line in told]
    return Table({name: [row[rank] for row in rows] for rank, name in enumerate(_COLUMNS)})


def _cells(line: Told) -> tuple[str, ...]:
    return (
        line.nature,
        line.table,
        line.subject,
        "|".join(line.dossiers),
        line.found,
        line.outcome,
    )
