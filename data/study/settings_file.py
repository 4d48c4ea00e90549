"""`etude.toml`: what the study is called, its year, its parameters, the rules of its call."""

from __future__ import annotations

import re
import tomllib
from codecs import BOM_UTF8
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from coverage.parameters import Parameters, definitions
from data.calls.read import declared_rules, parse_rule
from data.study.cells import Refusal
from data.study.faults import COMPARE, MAYBE_CUT, Findings, proposal, quoted
from data.study.filed_codes import explain_unknown, repair_warnings, repaired
from data.study.given import given_values
from data.study.setting_values import (
    parse_flag,
    parse_name,
    parse_parameter,
    parse_texts,
    parse_version,
    parse_vintage,
    parse_year,
)
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from geo.territory import Territory

SETTINGS_FILE = "etude.toml"
"""Name of the settings in the study folder."""

MOST_YEARS = 10
"""Most years that a study may follow."""

_T = TypeVar("_T")
_ETUDE = (
    *("nom", "annee", "derniere_annee", "regions", "millesime_cog"),
    *("grands_projets_reference", "fictif"),
)
_AS_UTF8 = "enregistrez le fichier en UTF-8 (bloc-notes : Enregistrer sous, codage UTF-8)"
_TABLE_LINE = re.compile(r"\s*\[\s*([\w.-]+)\s*\]")
_NUMBER_LINE = re.compile(r"[^#\"']*=\s*([0-9][0-9._]*)\s*")
_KEY_LINE = re.compile(r"\s*[\"']?([\w-]+)[\"']?\s*=")


@dataclass(frozen=True)
class Settings:
    """What `etude.toml` says; neutral values stand where it is faulty.

    Attributes
    ----------
    year, last_year
        0 when it could not be read; `last_year` is `year` when it is not given.
    regions
        Région codes, sorted; empty for all.
    reference_projects
        Whether the large projects are those that the program carries.
    """

    name: str = ""
    year: int = 0
    last_year: int = 0
    regions: tuple[str, ...] = ()
    fictional: bool = False
    reference_projects: bool = False
    parameters: Parameters = field(default_factory=Parameters)
    call: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class _Document:
    """A parsed file: its tables, and the line of each dotted key."""

    content: Mapping[str, object]
    lines: Mapping[str, int]

    def notice(self, key: str, message: str, remedy: str) -> Notice:
        return Notice(SETTINGS_FILE, self.lines.get(key, 0), key, message, remedy)

    def table(self, name: str) -> Mapping[str, object]:
        found = self.content.get(name)
        return found if isinstance(found, dict) else {}

    def take(
        self,
        key: str,
        parse: Callable[[object], _T | Refusal],
        default: _T,
        missing: str = "",
    ) -> tuple[_T, Findings]:
        """Return the value of a dotted key; `missing` is the remedy when it must be there."""
        table, _, name = key.rpartition(".")
        values = self.table(table) if table else self.content
        if name not in values:
            notice = self.notice(key, "valeur obligatoire absente", missing)
            return default, Findings((notice,) if missing else ())
        value = parse(values[name])
        if isinstance(value, Refusal):
            notice = self.notice(key, value.message, value.remedy)
            return default, Findings((notice,))
        return value, Findings()


def read_settings(content: bytes, territory: Territory) -> tuple[Settings, Findings]:
    """Return the settings, with every fault found in them."""
    document, findings = _parse(content)
    if document is None:
        return Settings(), findings
    version = document.take("format_version", parse_version, 1, "écrivez « format_version = 1 »")
    if version[1].faults and "format_version" in document.content:
        return Settings(), version[1]
    name, in_name = document.take("etude.nom", parse_name, "", 'écrivez par exemple nom = "Nord"')
    year, in_year = document.take("etude.annee", parse_year, 0, "écrivez par exemple annee = 2023")
    last, in_last = document.take("etude.derniere_annee", parse_year, year)
    in_last += _span(document, year, last)
    _, in_vintage = document.take("etude.millesime_cog", parse_vintage, 0)
    fictional, in_flag = document.take("etude.fictif", parse_flag, default=False)
    projects, in_projects = document.take(
        "etude.grands_projets_reference", parse_flag, default=False
    )
    regions, in_regions = _regions(document, territory)
    parameters, in_parameters = _parameters(document)
    call, in_call = _call(document)
    findings = _unknown_keys(document) + version[1] + _perhaps_cut(content.decode())
    in_study = (in_name, in_year, in_last, in_vintage, in_flag, in_projects, in_regions)
    for more in (*in_study, in_parameters, in_call):
        findings += more
    settings = Settings(name, year, last, regions, fictional, projects, parameters, call)
    return settings, findings


def _span(document: _Document, year: int, last: int) -> Findings:
    if not year or not last or year <= last < year + MOST_YEARS:
        return Findings()
    message = f"dernière année {last} ; attendu : de {year} à {year + MOST_YEARS - 1}"
    remedy = "écrivez la dernière des années à suivre, ou retirez la clé"
    return Findings((document.notice("etude.derniere_annee", message, remedy),))


def _parse(content: bytes) -> tuple[_Document | None, Findings]:
    plain = content.removeprefix(BOM_UTF8)
    try:
        text = plain.decode()
    except UnicodeDecodeError as error:
        row = plain.count(b"\n", 0, error.start) + 1
        notice = Notice(SETTINGS_FILE, row, "", "texte qui n’est pas en UTF-8", _AS_UTF8)
        return None, Findings((notice,))
    try:
        parsed = tomllib.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as error:  # endless numbers and nestings included
        return None, Findings((_syntax_notice(str(error), text),))
    return _Document(parsed, _key_lines(text)), Findings()


def _perhaps_cut(text: str) -> Findings:
    """Warn of a number that ends the file without a line break: it may have lost its end."""
    lines = text.splitlines()
    end = _NUMBER_LINE.fullmatch(lines[-1])
    if end is None or text.endswith("\n"):
        return Findings()
    message = f"fichier qui finit sans retour à la ligne : sa dernière valeur, {quoted(end[1])}, "
    return Findings((), (Notice(SETTINGS_FILE, len(lines), "", message + MAYBE_CUT, COMPARE),))


def _syntax_notice(error: str, text: str) -> Notice:
    at = re.search(r"at line (\d+)", error)
    row = int(at.group(1)) if at else len(text.splitlines())
    if "overwrite" in error or "twice" in error:
        return Notice(SETTINGS_FILE, row, "", "clé ou table écrite deux fois", "gardez-en une")
    return Notice(
        SETTINGS_FILE,
        row,
        "",
        "ligne qui n’est pas du TOML",
        "écrivez « clé = valeur », les textes entre guillemets droits, les décimales avec un point",
    )


def _key_lines(text: str) -> dict[str, int]:
    lines: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if heading := _TABLE_LINE.match(line):
            table = heading.group(1)
            lines.setdefault(table, number)
        elif key := _KEY_LINE.match(line):
            lines.setdefault(f"{table}.{key.group(1)}" if table else key.group(1), number)
    return lines


def _unknown_keys(document: _Document) -> Findings:
    tables: dict[str, Collection[str]] = {
        "etude": _ETUDE,
        "methode": definitions().keys(),
        "appel": declared_rules().keys(),
    }
    faults = []
    for key, value in document.content.items():
        if key == "format_version":
            continue
        if key not in tables:
            accepted = f"tables acceptées : {', '.join(tables)}"
            remedy = proposal(key, tables) or accepted
            faults.append(document.notice(key, f"clé ou table {quoted(key)} inconnue", remedy))
        elif not isinstance(value, dict):
            message = f"« {key} » doit être une table"
            faults.append(document.notice(key, message, f"écrivez [{key}] sur une ligne à elle"))
        else:
            faults += _unknown_in(document, key, value, tables)
    return Findings(tuple(faults))


def _unknown_in(
    document: _Document,
    table: str,
    values: Mapping[str, object],
    tables: Mapping[str, Collection[str]],
) -> list[Notice]:
    faults = []
    for name in values:
        if name in tables[table]:
            continue
        home = next((other for other, names in tables.items() if name in names), "")
        remedy = f"déplacez-la dans [{home}]" if home else proposal(name, tables[table])
        accepted = f"clés acceptées ici : {', '.join(tables[table])}"
        message = f"clé {quoted(name)} inconnue dans [{table}]"
        faults.append(document.notice(f"{table}.{name}", message, remedy or accepted))
    return faults


def _regions(document: _Document, territory: Territory) -> tuple[tuple[str, ...], Findings]:
    key = "etude.regions"
    every: tuple[str, ...] = ()
    codes, findings = document.take(key, parse_texts, every)
    row = document.lines.get(key, 0)
    known = territory.members["region"]
    read, faults, repairs = set(), [], []
    for code in codes:
        found = code if code in known else repaired(code, "region", known)
        if not found:
            reason = explain_unknown(code, "region", territory, propose=True)
            faults.append(document.notice(key, *reason))
            continue
        read.add(found)
        if found != code:
            repairs.append((row, code, found))
    warnings = repair_warnings(SETTINGS_FILE, key, repairs)
    return tuple(sorted(read)), findings + Findings(tuple(faults), warnings)


def _parameters(document: _Document) -> tuple[Parameters, Findings]:
    values, findings = given_values(
        "methode", document.table("methode"), definitions(), parse_parameter, document.notice
    )
    return Parameters(**values), findings


def _call(document: _Document) -> tuple[dict[str, Any], Findings]:
    """Return the rules of the call that the study changes, False for those it switches off."""
    return given_values(
        "appel", document.table("appel"), declared_rules(), parse_rule, document.notice
    )
