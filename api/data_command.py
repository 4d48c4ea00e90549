"""The command `donnees`: the reference data, what is held of it, what is fetched."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from data.fetch.copies import Copy
    from data.fetch.transfer import Progress
    from data.reference.sources import DeclaredSource

_CARRIED = "préparée par le programme"
_ABSENT = "absente"
_HEADINGS = ("CLÉ", "MILLÉSIME", "LICENCE", "ÉTAT", "NOM")
_HOW = (
    "Télécharger : zones-blanches donnees telecharger CLÉ… (ou --tout) ; avec --vers mon-etude, le "
    "fichier est aussi déposé dans l’étude."
)
_TERMINAL_S, _LOG_S = 0.2, 10.0


def add_parser(command: Callable[[str, str], argparse.ArgumentParser]) -> None:
    """Declare the command, its two actions and their arguments."""
    import argparse  # noqa: PLC0415 - only for its mark of what was not said

    parser = command("donnees", "les données publiques : en dire l’état, les télécharger")
    _json_option(parser, default=False)
    actions = parser.add_subparsers(dest="action", title="actions", metavar="ACTION")

    def action(name: str, text: str) -> argparse.ArgumentParser:
        return actions.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")

    # Without a value of its own, so that « donnees --json liste » keeps what was said before.
    _json_option(
        action("liste", "chaque source : millésime, licence, état (sans action : la liste)"),
        default=argparse.SUPPRESS,
    )
    fetch = action("telecharger", "télécharger des sources, vérifiées, dans le cache")
    fetch.add_argument("cles", nargs="*", metavar="CLÉ", help="sources à télécharger")
    fetch.add_argument("--tout", action="store_true", help="toutes les sources")
    fetch.add_argument(
        "--vers", type=Path, metavar="DOSSIER", help="déposer aussi les fichiers dans cette étude"
    )
    fetch.add_argument(
        "--remplacer", action="store_true", help="avec --vers, remplacer un fichier différent"
    )
    fetch.add_argument(
        "--hors-ligne", action="store_true", help="ne rien demander au réseau : copies en cache"
    )
    _json_option(fetch, default=argparse.SUPPRESS)


def _json_option(parser: argparse.ArgumentParser, *, default: bool | str) -> None:
    parser.add_argument(
        "--json", action="store_true", default=default, help="sortie lisible par une machine"
    )


def run(arguments: argparse.Namespace) -> int:
    """List the sources or fetch some; return the exit code."""
    return _fetch(arguments) if arguments.action == "telecharger" else _list(arguments)


def _list(arguments: argparse.Namespace) -> int:
    from data.fetch.copies import cached  # noqa: PLC0415
    from data.reference.sources import HTTP, TESTS, sources  # noqa: PLC0415

    shown = [source for source in sources().values() if source.use != TESTS]
    held = [cached(source) if source.kind == HTTP else None for source in shown]
    if arguments.json:
        facts = [_facts(source, copy) for source, copy in zip(shown, held, strict=True)]
        _tell(json.dumps(facts, ensure_ascii=False, indent=2))
        return 0
    rows = [
        (source.key, source.vintage, source.licence, _state(source, copy), source.name)
        for source, copy in zip(shown, held, strict=True)
    ]
    _tell(_table([_HEADINGS, *rows]))
    _tell(f"\n{_HOW}")
    return 0


def _table(rows: Sequence[Sequence[str]]) -> str:
    """Return aligned columns; the last one runs free."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(f"{text:<{width}}" for text, width in zip(row, widths, strict=True))
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def _state(source: DeclaredSource, copy: Copy | None) -> str:
    from data.reference.sources import HTTP  # noqa: PLC0415

    if source.kind != HTTP:
        return _CARRIED
    return f"en cache ({copy.received[:10]}, {_size(copy.size_bytes)})" if copy else _ABSENT


def _facts(source: DeclaredSource, copy: Copy | None) -> dict[str, Any]:
    """Return what a machine reads of a source."""
    from data.fetch.download import address_of, variable_of  # noqa: PLC0415
    from data.reference.sources import HTTP  # noqa: PLC0415

    fetched = source.kind == HTTP
    facts: dict[str, Any] = {
        "cle": source.key,
        "nom": source.name,
        "editeur": source.publisher,
        "licence": source.licence,
        "millesime": source.vintage,
        "usage": source.use,
        "format": source.format,
        "colonnes": list(source.columns),
        "adresse": address_of(source) if fetched else "",
        "variable": variable_of(source) if fetched else "",
        "etat": ("en_cache" if copy else "absente") if fetched else "preparee",
    }
    if copy is not None:
        facts["copie"] = _copy_facts(copy)
    return facts


def _copy_facts(copy: Copy) -> dict[str, Any]:
    return {
        "fichier": str(copy.path),
        "recue": copy.received,
        "taille": copy.size_bytes,
        "sha256": copy.sha256,
        "publiee": copy.modified,
        "adresse": copy.address,
    }


def _fetch(arguments: argparse.Namespace) -> int:
    from data.fetch.deposit import require_study  # noqa: PLC0415
    from geo.errors import ZonesBlanchesError  # noqa: PLC0415

    chosen = _chosen(arguments)
    if isinstance(chosen, str):
        _say(chosen)
        return 2
    if arguments.vers is not None:
        require_study(arguments.vers)
    done, failed = [], False
    for source in chosen:
        try:
            done.append(_bring(source, arguments))
        except ZonesBlanchesError as error:
            failed = True
            _say(f"Erreur : {error}")
    if arguments.json:
        _tell(json.dumps(done, ensure_ascii=False, indent=2))
    return int(failed)


def _chosen(arguments: argparse.Namespace) -> list[DeclaredSource] | str:
    """Return the sources asked for, or why the command cannot be understood."""
    from data.reference.sources import HTTP, sources  # noqa: PLC0415
    from data.study.faults import nearest  # noqa: PLC0415

    known = {key: source for key, source in sources().items() if source.kind == HTTP}
    if bool(arguments.cles) == arguments.tout:
        return f"Dites quelles sources télécharger, ou --tout : {', '.join(known)}."
    if arguments.remplacer and arguments.vers is None:
        return "--remplacer demande --vers DOSSIER"
    for key in arguments.cles:
        if key in sources() and key not in known:
            return f"« {key} » est une source {_CARRIED} : il n’y a rien à télécharger."
        if key not in known:
            near = nearest(key, known)
            meant = f" ; vouliez-vous dire « {near} » ?" if near else "."
            return f"Source « {key} » inconnue{meant} Sources : {', '.join(known)}."
    return [source for key, source in known.items() if arguments.tout or key in arguments.cles]


def _bring(source: DeclaredSource, arguments: argparse.Namespace) -> dict[str, Any]:
    """Fetch one source, put it in the study when asked, and return what was done."""
    from data.fetch.deposit import deposit  # noqa: PLC0415
    from data.fetch.download import download  # noqa: PLC0415

    _say(f"· {source.name} ({source.licence})…")
    copy = download(
        source,
        say=lambda phrase: _say(f"· {phrase}"),
        progress=_meter(),
        offline=arguments.hors_ligne,
    )
    said = f"{source.key} : vérifiée, en cache ({_size(copy.size_bytes)})"
    facts = {"cle": source.key, **_copy_facts(copy)}
    if arguments.vers is not None and source.deposit:
        path, outcome = deposit(copy, source, arguments.vers, replace=arguments.remplacer)
        said += f" ; {_OUTCOMES[outcome].format(path=path)}"
        facts |= {"depot": str(path), "depot_etat": outcome}
    elif arguments.vers is not None:
        said += " ; ne se dépose pas dans une étude"
    if not arguments.json:
        _tell(said)
    return facts


_OUTCOMES = {
    "depose": "déposée dans « {path} »",
    "identique": "« {path} » est déjà ce fichier",
    "remplace": "« {path} » remplacé",
}


def _meter() -> Progress:
    """Return a progress that tells the size received: often on a terminal, seldom elsewhere."""
    terminal = sys.stderr.isatty()
    every_s = _TERMINAL_S if terminal else _LOG_S
    last_s = time.monotonic()

    def progress(received: int, total: int | None) -> None:
        nonlocal last_s
        if time.monotonic() - last_s < every_s:
            return
        last_s = time.monotonic()
        whole = f" sur {_size(total)} ({100 * received // max(total, 1)} %)" if total else ""
        line = f"  {_size(received)}{whole}"
        # On a terminal, what comes next is written over it.
        sys.stderr.write(f"{line:<40}\r" if terminal else f"{line}\n")
        sys.stderr.flush()

    return progress


def _size(size_bytes: int) -> str:
    """Return a size in French, in kilobytes under one megabyte."""
    kilobyte, megabyte = 1000, 1_000_000
    if size_bytes < megabyte:
        return f"{-(-size_bytes // kilobyte)} ko"
    return f"{size_bytes / megabyte:.1f} Mo".replace(".", ",")


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
