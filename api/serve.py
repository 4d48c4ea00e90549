"""Run the server on this machine only."""

from __future__ import annotations

import os
import socket
import sys
from contextlib import closing
from threading import Thread
from typing import TYPE_CHECKING

import uvicorn

from api.app import create_app
from api.logs import configure
from api.warming import warm
from geo.errors import OutputError

if TYPE_CHECKING:
    from api.settings import Settings
    from api.studies import Studies

HOST = "127.0.0.1"
DEFAULT_PORT = 8000

_KEEP_ALIVE_SECONDS = 15
_LAST_WORDS_SECONDS = 5
_CONNECTIONS = 500


def serve(studies: Studies, settings: Settings, bound: socket.socket) -> None:
    """Serve studies until Ctrl+C, on a socket that `listen` made; it is closed at the end."""
    app = create_app(settings, studies)
    configure(settings.log_level)
    config = uvicorn.Config(
        app,
        log_config=None,
        lifespan="off",  # nothing to do there, and Ctrl+C would break it off noisily
        access_log=False,
        server_header=False,
        # Unless an operator names its proxies, nobody's word on another client is believed.
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=list(settings.proxies),
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_LAST_WORDS_SECONDS,
        limit_concurrency=_CONNECTIONS,
    )
    with closing(bound):
        sys.stdout.write(f"Application servie à l’adresse {address(bound)} — Ctrl+C pour arrêter\n")
        sys.stdout.flush()
        Thread(target=warm, args=(app,), daemon=True).start()
        try:
            uvicorn.Server(config).run(sockets=[bound])
        except KeyboardInterrupt:
            sys.stdout.write("\nServeur arrêté.\n")


def address(bound: socket.socket) -> str:
    """Return the address that a browser on this machine opens."""
    return f"http://{HOST}:{bound.getsockname()[1]}/"


def listen(port: int | None) -> socket.socket:
    """Return a socket bound on this machine alone; the caller closes it.

    Parameters
    ----------
    port
        To listen on; None for 8000, or the system's choice when 8000 is taken.

    Raises
    ------
    OutputError
        When the port asked for cannot be had.
    """
    choices = [DEFAULT_PORT, 0] if port is None else [port]
    for choice in choices:
        bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if os.name == "posix":  # elsewhere it would let two servers share a port
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((HOST, choice))
            bound.listen()
        except (OSError, OverflowError):
            bound.close()
        else:
            return bound
    raise OutputError(
        f"le port {port} est déjà pris ou interdit : en donner un autre par --port, ou aucun"
    )
