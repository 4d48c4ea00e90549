"""Where a dossier comes from: program, files, parameters that differ, digest."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from coverage.wording import THIN, plural
from geo.version import VERSION
from maps.dossiers.blocks import Paragraph, name, said
from maps.parameter_lines import parameter_lines

if TYPE_CHECKING:
    from coverage.dossiers.bench import Bench
    from coverage.dossiers.model import Case
    from coverage.model import InputFile
    from maps.dossiers.blocks import Block, Limits

SHORT = 12
"""Signs of a digest that are enough to tell two files apart."""


def origin_blocks(case: Case, bench: Bench, limits: Limits, empreinte: str) -> list[Block]:
    """Return the provenance of a dossier, ended by the digest of its content."""
    study, territory = bench.coverage.study, bench.coverage.territory
    changed = [line for line in parameter_lines(study.parameters) if line.changed]
    differ = f"{THIN}; ".join(f"{line.label}{THIN}: {line.value}" for line in changed)
    read = f"{name(case.file)} ({case.sha256[:SHORT] or 'empreinte inconnue'})"
    parts = [
        f"Programme zones-blanches {VERSION}.",
        f"Étude «\u00a0{name(study.name)}\u00a0», année {study.year}, code officiel géographique "
        f"{territory.vintage}.",
        f"Règles{THIN}: {bench.call.name}.",
        f"Candidature{THIN}: {read}.",
        f"Fichiers de l’étude{THIN}: {_files(study.inputs, limits.files)}.",
        "Paramètres : tous ceux de la méthode."
        if not changed
        else f"Paramètres changés{THIN}: {said(differ, limits)}.",
    ]
    return [
        Paragraph(" ".join(parts).replace(" :", f"{THIN}:")),
        Paragraph(empreinte, lead=f"Empreinte du dossier (SHA-256){THIN}:"),
    ]


def _files(inputs: tuple[InputFile, ...], most: int) -> str:
    """Name the first files with their digests; the others are counted under one digest of all."""
    if not inputs:
        return "aucun"
    shown = ", ".join(f"{name(each.name)} ({each.sha256[:SHORT]})" for each in inputs[:most])
    left = len(inputs) - most
    if left <= 0:
        return shown
    whole = sha256("".join(each.sha256 for each in inputs).encode()).hexdigest()
    noun = plural(left, "autre fichier", "autres fichiers")
    return (
        f"{shown} et {noun} (empreinte de toutes ces empreintes, dans cet ordre : {whole[:SHORT]})"
    )
