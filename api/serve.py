"""Run the server on this machine only."""

from __future__ import annotations

import os
import socket
import sys
from typing import TYPE_CHECKING

import uvicorn

from api.app import create_app
from api.settings import Settings
from data.reference.territory import load_territory
from geo.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

HOST = "127.0.0.1"
DEFAULT_PORT = 8000


def serve(folders: Sequence[Path], port: int | None = None) -> None:
    """Serve results folders until Ctrl+C.

    Parameters
    ----------
    port
        To listen on; None for 8000, or the system's choice when 8000 is taken.

    Raises
    ------
    DataUnavailableError
        When a folder holds no readable result.
    OutputError
        When the port asked for is taken.
    """
    app = create_app(Settings(folders=tuple(folders), territory=load_territory))
    with listen(port) as bound:
        address = f"http://{HOST}:{bound.getsockname()[1]}/"
        sys.stdout.write(f"Carte servie à l’adresse {address} — Ctrl+C pour arrêter\n")
        sys.stdout.flush()
        config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False)
        try:
            uvicorn.Server(config).run(sockets=[bound])
        except KeyboardInterrupt:
            sys.stdout.write("\nServeur arrêté.\n")


def listen(port: int | None) -> socket.socket:
    """Return a socket bound on this machine alone; the caller closes it.

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
