"""The command `jeton`: keys to a shared server, made, listed, revoked."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from data.store.engine import Store
    from data.store.tokens import Token

_ACTOR = "ligne de commande"
_ROLES = ("lecteur", "planificateur", "national")
_HEADINGS = ("N°", "ÉTAT", "EXPIRE", "RÔLE", "RÉGION", "LIBELLÉ")


def add_parser(command: Callable[[str, str], argparse.ArgumentParser]) -> None:
    """Declare the command, its three actions and their arguments."""
    parser = command("jeton", "les jetons d’un serveur partagé : en créer, les lister, en révoquer")
    actions = parser.add_subparsers(dest="action", title="actions", metavar="ACTION", required=True)

    def action(name: str, text: str) -> argparse.ArgumentParser:
        own = actions.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        own.add_argument(
            "--base", metavar="ADRESSE", help="du registre (sinon, ZONES_BLANCHES_BASE)"
        )
        return own

    create = action("creer", "créer un jeton, affiché une seule fois")
    create.add_argument("--role", required=True, choices=_ROLES, help="ce qu’il permet")
    create.add_argument(
        "--region", default="", metavar="CODE", help="code de la région d’un planificateur"
    )
    create.add_argument(
        "--libelle", required=True, metavar="TEXTE", help="à quel service il sert, sans nom propre"
    )
    create.add_argument(
        "--expire",
        required=True,
        type=_day,
        metavar="AAAA-MM-JJ",
        help="dernier jour où il ouvre, en temps universel",
    )
    listed = action("lister", "tous les jetons, sans ce qui ouvre")
    listed.add_argument("--json", action="store_true", help="sortie lisible par une machine")
    revoked = action("revoquer", "révoquer un jeton ; ses sessions s’arrêtent aussitôt")
    revoked.add_argument("numero", type=int, metavar="N", help="numéro donné par « lister »")


def _day(text: str) -> date:
    import argparse  # noqa: PLC0415 - as the other commands

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"date attendue, comme 2027-01-31, reçu « {text} »"
        ) from None


def run(arguments: argparse.Namespace) -> int:
    """Do one action and return the exit code.

    Raises
    ------
    ZonesBlanchesError
        When there is no register, it cannot be opened, or refuses what is asked.
    """
    with _register(arguments.base) as store:
        {"creer": _create, "lister": _list, "revoquer": _revoke}[arguments.action](store, arguments)
    return 0


@contextmanager
def _register(given: str | None) -> Iterator[Store]:
    from api.settings import read_settings  # noqa: PLC0415
    from data.store.engine import open_store  # noqa: PLC0415 - slow to import
    from geo.errors import ZonesBlanchesError  # noqa: PLC0415

    kept = read_settings().database if given is None else None
    address = given or (kept.get_secret_value() if kept is not None else "")
    if not address:
        raise ZonesBlanchesError(
            "les jetons sont gardés dans un registre, et aucun n’est nommé → donner --base, ou "
            "poser ZONES_BLANCHES_BASE (par exemple « sqlite:///registre.sqlite »)"
        )
    store = open_store(address)
    try:
        yield store
    finally:
        store.close()


def _create(store: Store, arguments: argparse.Namespace) -> None:
    from data.store.tokens import end_of, issue_token  # noqa: PLC0415
    from geo.errors import InputErrors, ZonesBlanchesError  # noqa: PLC0415

    try:
        with store.write(_ACTOR) as write:
            ends = end_of(arguments.expire)
            text = issue_token(write, arguments.libelle, arguments.role, arguments.region, ends)
    except InputErrors as errors:
        # Faults of a command, not of a study: they are told on their own.
        told = "\n".join(
            f"{each.column} : {each.message} → {each.remedy}" for each in errors.faults
        )
        raise ZonesBlanchesError(told) from None
    sys.stderr.write("Le noter maintenant : il ne sera plus jamais affiché.\n")
    sys.stdout.write(f"{text}\n")


def _list(store: Store, arguments: argparse.Namespace) -> None:
    from data.store.tokens import tokens  # noqa: PLC0415

    with store.read() as session:
        found = tokens(session)
    now = store.clock()
    if arguments.json:
        facts = [_facts(token, now) for token in found]
        sys.stdout.write(f"{json.dumps(facts, ensure_ascii=False, indent=2)}\n")
        return
    rows = [_HEADINGS, *(_row(token, now) for token in found)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        line = "  ".join(f"{text:<{width}}" for text, width in zip(row, widths, strict=True))
        sys.stdout.write(f"{line.rstrip()}\n")


def _revoke(store: Store, arguments: argparse.Namespace) -> None:
    from data.store.tokens import revoke  # noqa: PLC0415

    with store.write(_ACTOR) as write:
        token = revoke(write, arguments.numero)
    sys.stdout.write(f"Jeton n° {token.token_id} (« {token.label} ») révoqué : il n’ouvre plus.\n")


def _row(token: Token, now: datetime) -> tuple[str, ...]:
    region = token.region or "toutes"
    return (
        *(str(token.token_id), token.state(now), f"{token.last_day:%d/%m/%Y}"),
        *(token.role, region, token.label),
    )


def _facts(token: Token, now: datetime) -> dict[str, Any]:
    return {
        "numero": token.token_id,
        "etat": token.state(now),
        "role": token.role,
        "region": token.region,
        "libelle": token.label,
        "cree": token.created_at.isoformat(),
        "expire": token.expires_at.isoformat(),
        "revoque": token.revoked_at.isoformat() if token.revoked_at else None,
    }
