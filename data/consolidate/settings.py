"""`etude.toml` of the consolidated study: what dossiers agree on; the rest is a fault to settle."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from coverage.parameters import definitions
from coverage.proposals.rules import with_rules
from data.calls.read import declared_rules, read_call
from data.consolidate.model import Part, Told
from data.study.faults import Findings, quoted
from data.study.filed_tables import file_bytes
from data.study.settings_file import SETTINGS_FILE, read_settings
from data.study.tables import FORMAT_VERSION
from data.study.toml_text import toml_string, toml_value
from geo.errors import InputErrors, Notice

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from data.consolidate.model import Dossier
    from geo.territory import Territory

_SAME_YEAR = "une étude porte sur une année : retirez le dossier d’une autre année, ou préparez-le"
_SAME_VINTAGE = "mettez les dossiers au même millésime, ou retirez la clé là où elle est fausse"
_CHOOSE = "accordez les dossiers, ou nommez celui dont les réglages valent : --methode DOSSIER"
_DEFAULT = "(valeur par défaut)"


@dataclass(frozen=True)
class _Setting:
    """One key on which dossiers must agree.

    Attributes
    ----------
    effective
        What it comes to for a dossier, its default included.
    written
        What `etude.toml` says of it, None when it says nothing.
    """

    table: str
    name: str
    effective: Callable[[Dossier], object]
    written: Callable[[Dossier], str | None]


def joined_settings(
    dossiers: Sequence[Dossier], territory: Territory, *, name: str, method: Dossier | None = None
) -> tuple[str, Part]:
    """Return the text of `etude.toml`, and what was chosen.

    Parameters
    ----------
    name
        Of the study; empty: « France » and the year.
    method
        The dossier whose settings hold where dossiers differ, one of them or another; None: to
        differ is a fault.
    """
    years = {each.study.year for each in dossiers}
    part = Part((), Findings(_differ(dossiers, "etude.annee", _SAME_YEAR, lambda d: d.study.year)))
    vintages = [each for each in dossiers if _vintage(each) is not None]
    part += Part((), Findings(_differ(vintages, "etude.millesime_cog", _SAME_VINTAGE, _vintage)))
    lines: dict[str, list[str]] = {"etude": [], "methode": [], "appel": []}
    for setting in _settings():
        value, found = _agreed(setting, dossiers, method)
        part += found
        if value is not None:
            lines[setting.table].append(f"{setting.name} = {value}")
    year = min(years)
    vintage = [f"millesime_cog = {_vintage(vintages[0])}"] if vintages else []
    fictional = ["fictif = true"] if any(each.study.fictional for each in dossiers) else []
    head = [
        f"nom = {toml_string(name or f'France {year}')}",
        f"annee = {year}",
        f"regions = {json.dumps(list(joined_regions(dossiers, territory)))}",
    ]
    blocks = [
        ["# Étude nationale réunie par « consolider » ; LISEZMOI.txt dit comment."],
        [f"format_version = {FORMAT_VERSION}"],
        ["[etude]", *head, *vintage, *lines["etude"], *fictional],
        ["[methode]", *lines["methode"]],
        ["[appel]", *lines["appel"]],
    ]
    return "\n".join("\n".join(block) + "\n" for block in blocks), part


def method_dossier(path: Path, dossiers: Sequence[Dossier], territory: Territory) -> Dossier:
    """Return the dossier whose settings a planner chooses: one of those joined, or another.

    Another one only needs an `etude.toml`, such as the national level keeps.

    Raises
    ------
    InputErrors
        When its settings cannot be read, or with all their faults.
    """
    folder = path.resolve()
    for each in dossiers:
        if each.folder == folder:
            return each
    content, found = file_bytes(folder / SETTINGS_FILE)
    if content is None:
        message = f"« {path} » n’a pas de fichier {SETTINGS_FILE} lisible"
        remedy = "donnez après --methode un dossier d’étude, l’un de ceux à réunir ou un autre"
        raise InputErrors([Notice("", 0, "", message, remedy)])
    settings, found = read_settings(content, territory)
    if found.faults:
        named = (replace(each, file=f"{folder.name}/{each.file}") for each in found.faults)
        raise InputErrors(named)
    study = replace(
        dossiers[0].study,
        parameters=settings.parameters,
        call=settings.call,
        last_year=settings.last_year,
    )
    filed = tomllib.loads(content.decode("utf-8-sig"), parse_float=Decimal)
    return replace(dossiers[0], label=folder.name, folder=folder, study=study, settings=filed)


def joined_regions(dossiers: Sequence[Dossier], territory: Territory) -> tuple[str, ...]:
    """Return the régions of all dossiers; none when they are all régions, or one says all."""
    if not all(each.study.regions for each in dossiers):
        return ()
    union = {code for each in dossiers for code in each.study.regions}
    every = {code for code in territory.members["region"] if code}
    return () if union == every else tuple(sorted(union))


def _settings() -> list[_Setting]:
    """Return every setting that dossiers must agree on, in the order of the file."""
    return [
        _Setting("etude", "derniere_annee", lambda d: d.study.last_year, _plain("derniere_annee")),
        _Setting(
            "etude",
            "grands_projets_reference",
            lambda d: _filed(d, "etude").get("grands_projets_reference", False),
            _plain("grands_projets_reference"),
        ),
        *(_parameter(name) for name in definitions()),
        *(_rule(name) for name in declared_rules()),
    ]


def _parameter(name: str) -> _Setting:
    def effective(dossier: Dossier) -> object:
        return getattr(dossier.study.parameters, name)

    def written(dossier: Dossier) -> str | None:
        return toml_value(effective(dossier)) if name in _filed(dossier, "methode") else None

    return _Setting("methode", name, effective, written)


def _rule(name: str) -> _Setting:
    def effective(dossier: Dossier) -> object:
        rule = with_rules(read_call(), dossier.study.call).rules[name]
        return (rule.active, rule.value)

    def written(dossier: Dossier) -> str | None:
        call = dossier.study.call
        return toml_value(call[name]) if name in call else None

    return _Setting("appel", name, effective, written)


def _plain(name: str) -> Callable[[Dossier], str | None]:
    def written(dossier: Dossier) -> str | None:
        values = _filed(dossier, "etude")
        return toml_value(values[name]) if name in values else None

    return written


def _filed(dossier: Dossier, table: str) -> Mapping[str, object]:
    found = dossier.settings.get(table)
    return found if isinstance(found, dict) else {}


def _vintage(dossier: Dossier) -> object:
    return _filed(dossier, "etude").get("millesime_cog")


def _differ(
    dossiers: Sequence[Dossier], key: str, remedy: str, value: Callable[[Dossier], object]
) -> tuple[Notice, ...]:
    if len({value(each) for each in dossiers}) <= 1:
        return ()
    listed = ", ".join(f"{value(each)} ({each.label})" for each in dossiers)
    return (Notice(SETTINGS_FILE, 0, key, f"valeurs différentes : {listed}", remedy),)


def _agreed(
    setting: _Setting, dossiers: Sequence[Dossier], method: Dossier | None
) -> tuple[str | None, Part]:
    """Return what to write of a setting, None to leave its default."""
    folders = {each.folder for each in dossiers}
    heard = [*dossiers, method] if method and method.folder not in folders else [*dossiers]
    values = [setting.effective(each) for each in heard]
    said = [setting.written(each) for each in heard]
    if all(value == values[0] for value in values):
        return next((text for text in said if text is not None), None), Part()
    listed = ", ".join(
        f"{_DEFAULT if text is None else text} ({each.label})"
        for each, text in zip(heard, said, strict=True)
    )
    key = f"{setting.table}.{setting.name}"
    if method is None:
        notice = Notice(SETTINGS_FILE, 0, key, f"réglage différent : {listed}", _CHOOSE)
        return None, Part((), Findings((notice,)))
    chosen = setting.written(method)
    labels = tuple(sorted(each.label for each in heard))
    outcome = f"valeur de {quoted(method.label)} : {chosen or _DEFAULT}"
    return chosen, Part((Told("reglage", SETTINGS_FILE, key, labels, listed, outcome),))
