"""What the server is told when it is made: by the environment, variables `ZONES_BLANCHES_…`."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - pydantic reads it at run time
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from geo.errors import ZonesBlanchesError

PREFIX = "ZONES_BLANCHES_"
DEFAULT_HOSTS = ("127.0.0.1", "localhost")


def _setting(default: Any, name: str, expected: str, **bounds: Any) -> Any:  # noqa: ANN401 - as pydantic's Field
    """Declare a setting: its variable, and in French what its value may be."""
    return Field(default, validation_alias=PREFIX + name, description=expected, **bounds)


def _whole(default: int, name: str, low: int, high: int) -> Any:  # noqa: ANN401 - same
    return _setting(default, name, f"un nombre entier, de {low} à {high}", ge=low, le=high)


class Settings(BaseSettings):
    """Settings of one server; each may be given by name, or by its variable.

    Attributes
    ----------
    hosts
        `HOTES`: names by which the server accepts to be called, separated by commas.
    body_bytes
        `CORPS_MAX`: size of the largest request body.
    requests_per_minute
        `DEMANDES_PAR_MINUTE`: of one client, on average; also how many it may send at once.
    heavy_requests
        `CALCULS_SIMULTANES`: exports and what-ifs computed at the same time.
    waiting_requests
        `CALCULS_EN_ATTENTE`: those that may wait for a turn before others are refused.
    plan_seconds
        `PLAN_SECONDES`: left to the exact plan of the proposals of a study.
    cache_bytes
        `TAMPON_OCTETS`: size of the answers kept ready.
    log_level
        `JOURNAL`: least level written; by default every request, but on a terminal warnings only.
    design_folder
        `DOSSIER_DESIGN`: an operator's own design system, served at `/static-design/` and linked
        after ours.
    proxies
        `MANDATAIRES`: addresses of the reverse proxies whose word on the client is believed.
    database
        `BASE`: address of the register (`data.store.engine.open_store`), which may hold a
        password; by default there is none, and nothing that people write is kept.
    access
        `ACCES`: `local` asks nobody who they are, as befits one's own machine; `jetons` asks
        everyone for a key of the register.
    """

    model_config = SettingsConfigDict(populate_by_name=True, env_ignore_empty=True)

    hosts: Annotated[tuple[str, ...], NoDecode] = _setting(
        DEFAULT_HOSTS, "HOTES", "des noms séparés par des virgules", min_length=1
    )
    body_bytes: int = _whole(1_000_000, "CORPS_MAX", 1_000, 100_000_000)
    requests_per_minute: int = _whole(1_800, "DEMANDES_PAR_MINUTE", 1, 1_000_000)
    heavy_requests: int = _whole(2, "CALCULS_SIMULTANES", 1, 64)
    waiting_requests: int = _whole(64, "CALCULS_EN_ATTENTE", 0, 10_000)
    plan_seconds: int = _whole(20, "PLAN_SECONDES", 1, 3_600)
    cache_bytes: int = _whole(200_000_000, "TAMPON_OCTETS", 0, 10**11)
    log_level: Literal["debug", "info", "warning", "error"] | None = _setting(
        None, "JOURNAL", "« debug », « info », « warning » ou « error »"
    )
    design_folder: Path | None = _setting(
        None, "DOSSIER_DESIGN", "le chemin d’un dossier qui existe"
    )
    proxies: Annotated[tuple[str, ...], NoDecode] = _setting(
        (), "MANDATAIRES", "des adresses séparées par des virgules"
    )
    database: SecretStr | None = _setting(
        None, "BASE", "l’adresse d’une base, « sqlite:///… » ou « postgresql+psycopg://… »"
    )
    access: Literal["local", "jetons"] = _setting(
        "local", "ACCES", "« local », ou « jetons » avec l’adresse d’une base (ZONES_BLANCHES_BASE)"
    )

    @field_validator("hosts", "proxies", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(name.strip().lower() for name in value.split(",") if name.strip())
        return value

    @field_validator("access")
    @classmethod
    def _kept_somewhere(cls, value: str, info: ValidationInfo) -> str:
        # When the address itself is refused, that is told, and this is not.
        if value != "local" and "database" in info.data and info.data["database"] is None:
            raise ValueError("aucune base")
        return value

    @field_validator("design_folder")
    @classmethod
    def _there(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_dir():
            raise ValueError("dossier introuvable")
        return value


def read_settings() -> Settings:
    """Return the settings that the environment gives.

    Raises
    ------
    ZonesBlanchesError
        When a variable has a value that cannot be: all of them are said at once.
    """
    try:
        return Settings()
    except ValidationError as error:
        wrong = {str(item["loc"][0]): item["input"] for item in error.errors()}
    raise ZonesBlanchesError("\n".join(_refusal(name, value) for name, value in wrong.items()))


def _refusal(variable: str, value: object) -> str:
    fields = {field.validation_alias: field.description for field in Settings.model_fields.values()}
    return (
        f"réglage du serveur {variable} : « {value} » ne convient pas → donner {fields[variable]}"
    )
