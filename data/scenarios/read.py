"""The folder `scenarios` of a study: each file to a scenario, every fault at once.

A scenario `nom.toml` may have applications of its own, in the folder `nom` beside it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from coverage.parameters import definitions
from coverage.proposals.decisions import Decisions
from coverage.proposals.rules import with_rules
from coverage.proposals.scenario import Scenario
from data.applications.document import Document, parse_document
from data.applications.read import read_applications
from data.calls.read import declared_rules, parse_rule, read_call
from data.study.cells import Refusal
from data.study.faults import Findings, proposal, quoted
from data.study.filed_tables import file_bytes, file_entry
from data.study.given import given_values
from data.study.setting_values import parse_flag, parse_name, parse_parameter, parse_version
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from pathlib import Path

    from coverage.model import Study
    from geo.territory import Territory

FOLDER = "scenarios"
RESERVED = ("etude", "aujourdhui", "chiffre", "libelle", "unite")
"""What a comparison calls the study, its present state, and columns of its own."""

RESERVED_STARTS = ("etat_", "ecart_")
"""A column `taux_reponse_etat_x` must be of one scenario only."""

RESERVED_NAMES = ("étude", "aujourd’hui", "aujourd'hui")

_T = TypeVar("_T")
_EXTENSION = ".toml"
_HIDDEN = (".", "~$")
_DESCRIBED = ("nom", "description")
_OPTIONS = ("generees",)
_LOCKS, _REFUSALS = "verrous", "refus"
_LONGEST = 500


def read_scenarios(
    folder: Path, study: Study, territory: Territory
) -> tuple[tuple[Scenario, ...], Findings]:
    """Return the scenarios of a folder in the order of their names; none when it is absent.

    Parameters
    ----------
    folder
        `scenarios` of a study folder.
    """
    if not folder.is_dir():
        return (), Findings()
    scenarios: list[Scenario] = []
    findings = Findings()
    paths = [path for path in sorted(folder.iterdir()) if not path.name.startswith(_HIDDEN)]
    read = [path for path in paths if path.suffix.lower() == _EXTENSION and path.is_file()]
    stems = {path.stem for path in read}
    findings += Findings(tuple(_reserved(path) for path in read if _is_reserved(path)))
    for path in paths:
        if path not in read and not (path.is_dir() and path.name in stems):
            findings += Findings((), (_ignored(path),))
    for path in read:
        content, found = file_bytes(path)
        name = f"{FOLDER}/{path.name}"
        findings += Findings(tuple(replace(each, file=name) for each in found.faults))
        if content is None:
            continue
        scenario, found = read_scenario(content, name)
        findings += found
        # Its applications are read all the same when it has a fault: theirs are told together.
        own = replace(scenario or Scenario(), inputs=(file_entry(name, 0, content),))
        own, found = _with_applications(own, path.with_suffix(""), study, territory)
        findings += found
        if scenario is not None:
            scenarios.append(own)
    return tuple(scenarios), findings + _same_names(scenarios)


def _is_reserved(path: Path) -> bool:
    stem = path.stem.casefold()
    return stem in RESERVED or stem.startswith(RESERVED_STARTS)


def _reserved(path: Path) -> Notice:
    message = f"nom de scénario réservé : {quoted(path.stem)}"
    return Notice(f"{FOLDER}/{path.name}", 0, "", message, "renommez le fichier")


def _ignored(path: Path) -> Notice:
    remedy = "un scénario est un fichier .toml, ses candidatures un dossier du même nom"
    return Notice(f"{FOLDER}/{path.name}", 0, "", "fichier ou dossier ignoré", remedy)


def _with_applications(
    scenario: Scenario, folder: Path, study: Study, territory: Territory
) -> tuple[Scenario, Findings]:
    """Return a scenario with the applications of its folder, their files named from the study."""
    under = scenario.overlaid(study)
    call = with_rules(read_call(), under.call)
    asked, inputs, findings = read_applications(folder, under, territory, call)

    def placed(name: str) -> str:
        return f"{FOLDER}/{folder.name}/{name.rpartition('/')[2]}"

    def moved(notices: Iterable[Notice]) -> tuple[Notice, ...]:
        return tuple(replace(each, file=placed(each.file)) for each in notices)

    complete = replace(
        scenario,
        applications=tuple(replace(each, file=placed(each.file)) for each in asked),
        inputs=(*scenario.inputs, *(replace(each, name=placed(each.name)) for each in inputs)),
    )
    return complete, Findings(moved(findings.faults), moved(findings.warnings))


def _same_names(scenarios: Collection[Scenario]) -> Findings:
    """Refuse two scenarios that a comparison, or who names one of them, could not tell apart."""
    first = {scenario.scenario_id.casefold(): scenario for scenario in scenarios}
    faults = []
    for scenario in scenarios:
        name = scenario.name.casefold()
        twin = first.setdefault(name, scenario)
        message = ""
        if twin is not scenario:
            message = f"nom {quoted(scenario.name)} déjà pris par {quoted(twin.file)}"
        elif name in RESERVED_NAMES:
            message = f"nom de scénario réservé : {quoted(scenario.name)}"
        if message:
            notice = Notice(scenario.file, 0, "scenario.nom", message, "donnez-lui un autre nom")
            faults.append(notice)
    return Findings(tuple(faults))


def read_scenario(content: bytes, file: str) -> tuple[Scenario | None, Findings]:
    """Return the scenario that a file holds without its applications, None when it has a fault."""
    document = parse_document(content, file)
    if isinstance(document, Notice):
        return None, Findings((document,))
    findings = Findings(tuple(_misplaced(document)))
    _, found = _taken(document, "format_version", parse_version, "format_version = 1")
    findings += found
    name, found = _taken(document, "scenario.nom", parse_name, 'nom = "Enveloppe réduite"')
    findings += found
    described = document.content.get("scenario", {})
    about, found = _value(document, "scenario.description", described, "description", _text)
    findings += found
    generated, found = _value(
        document, "options.generees", _table(document, "options"), "generees", parse_flag
    )
    findings += found
    parameters, found = given_values(
        "methode", _table(document, "methode"), definitions(), parse_parameter, document.notice
    )
    findings += found
    rules, found = given_values(
        "appel", _table(document, "appel"), declared_rules(), parse_rule, document.notice
    )
    findings += found
    locked, found = _reasons(document, _LOCKS)
    findings += found
    refused, found = _reasons(document, _REFUSALS)
    findings += found + Findings(tuple(_both(document, locked, refused)))
    if findings.faults:
        return None, findings
    scenario = Scenario(
        scenario_id=file.rpartition("/")[2][: -len(_EXTENSION)],
        name=name or "",
        description=about or "",
        parameters=parameters,
        call=rules,
        decisions=Decisions(locked, refused),
        generated=generated is not False,
    )
    return scenario, findings


def _table(document: Document, name: str) -> Mapping[str, Any]:
    found = document.content.get(name)
    return found if isinstance(found, dict) else {}


def _misplaced(document: Document) -> list[Notice]:
    """Return the keys and tables that a scenario does not have."""
    tables: dict[str, Collection[str] | None] = {
        "scenario": _DESCRIBED,
        "methode": definitions().keys(),
        "appel": declared_rules().keys(),
        "options": _OPTIONS,
        _LOCKS: None,
        _REFUSALS: None,
    }
    faults = []
    for key, value in document.content.items():
        if key == "format_version":
            continue
        if key not in tables:
            remedy = proposal(key, tables) or f"tables acceptées : {', '.join(tables)}"
            faults.append(document.notice(key, f"clé ou table {quoted(key)} inconnue", remedy))
        elif not isinstance(value, dict):
            message = f"« {key} » doit être une table"
            faults.append(document.notice(key, message, f"écrivez [{key}] sur une ligne à elle"))
        else:
            accepted = tables[key]
            faults += [
                document.notice(
                    f"{key}.{name}",
                    f"clé {quoted(name)} inconnue dans [{key}]",
                    proposal(name, accepted) or f"clés acceptées ici : {', '.join(accepted)}",
                )
                for name in value
                if accepted is not None and name not in accepted
            ]
    return faults


def _taken(
    document: Document, key: str, parse: Callable[[object], _T | Refusal], example: str
) -> tuple[_T | None, Findings]:
    """Return a value that must be there."""
    table, _, name = key.rpartition(".")
    values = _table(document, table) if table else document.content
    if name not in values:
        notice = document.notice(key, "valeur obligatoire absente", f"écrivez « {example} »")
        return None, Findings((notice,))
    return _value(document, key, values, name, parse)


def _value(
    document: Document,
    key: str,
    values: Mapping[str, Any],
    name: str,
    parse: Callable[[object], _T | Refusal],
) -> tuple[_T | None, Findings]:
    if not isinstance(values, dict) or name not in values:
        return None, Findings()
    value = parse(values[name])
    if isinstance(value, Refusal):
        return None, Findings((document.notice(key, value.message, value.remedy),))
    return value, Findings()


def _text(value: object) -> str | Refusal:
    if isinstance(value, str) and len(value) <= _LONGEST:
        return " ".join(value.split())
    return Refusal(
        f"description qui n’est pas un texte d’au plus {_LONGEST} caractères",
        "écrivez une ou deux phrases entre guillemets droits",
    )


def _reasons(document: Document, table: str) -> tuple[dict[str, str], Findings]:
    """Return the options that a table decides of, each with its reason."""
    found: dict[str, str] = {}
    faults = []
    for option, reason in _table(document, table).items():
        if isinstance(reason, str) and reason.strip():
            found[option] = " ".join(reason.split())
        else:
            message = f"décision sur l’option {quoted(option)} sans motif"
            remedy = f'écrivez "{option}" = "motif" dans [{table}]'
            faults.append(document.notice(f"{table}.{option}", message, remedy))
    return found, Findings(tuple(faults))


def _both(
    document: Document, locked: Mapping[str, str], refused: Mapping[str, str]
) -> list[Notice]:
    return [
        document.notice(
            f"{_REFUSALS}.{option}",
            f"option {quoted(option)} à la fois verrouillée et refusée",
            "gardez une seule des deux décisions",
        )
        for option in sorted(locked.keys() & refused.keys())
    ]
