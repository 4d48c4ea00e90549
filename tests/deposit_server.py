"""A real server that has a register, where the reading of deposits ends, or never does."""

from __future__ import annotations

import sys

from bounded_functions import spin
from pydantic import SecretStr
from toy import toy_territory

from api import serve
from api.app import create_app
from api.register import Register
from api.settings import Settings
from api.studies import Studies
from data.store.engine import open_store


def main(url: str, port: int, ends: str) -> None:
    """Serve a register."""
    loader: object = toy_territory if ends == "finit" else spin
    settings = Settings(database=SecretStr(url), requests_per_minute=1_000_000)
    register = Register(open_store(url), loader=loader)  # type: ignore[arg-type]
    serve.create_app = lambda *args: create_app(*args, register=register)  # type: ignore[assignment]
    serve.serve(Studies([]), settings, serve.listen(port))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
