"""What each command does; messages are for planners, in French."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from api import (
    collect_command,
    compare_command,
    consolidate_command,
    data_command,
    followup_command,
    propose_command,
    token_command,
)
from api.changes import command as changes_command
from api.dossiers import command as dossier_command
from api.packages import command as package_command
from api.progress import stages
from geo.errors import InputErrors, Notice, ZonesBlanchesError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

    from api.settings import Settings
    from api.studies import Studies
    from coverage.model import Coverage, Study

_STUDY_STAGES = 7
"""Stages of reading and computing a study."""

_COMPARED_STAGES = 24
"""The same when another study is compared with it."""


def run(arguments: argparse.Namespace) -> int:
    """Run a parsed command and return its exit code; expected errors are told in French."""
    command = {
        "demo": demo,
        "nouvelle-etude": new_study,
        "collecter": collect_command.run,
        "consolider": consolidate_command.run,
        "verifier": verify,
        "calculer": calculate,
        "proposer": propose_command.run,
        "comparer": compare_command.run,
        "dossier": dossier_command.run,
        "paquet": package_command.run,
        "suivi": followup_command.run,
        "changements": changes_command.run,
        "expliquer": explain,
        "donnees": data_command.run,
        "jeton": token_command.run,
        "servir": serve,
    }[arguments.command]
    try:
        return command(arguments)
    except InputErrors as errors:
        _report(errors.faults, errors.warnings, as_json=getattr(arguments, "json", False))
    except ZonesBlanchesError as error:
        print(f"Erreur : {error}", file=sys.stderr)
    return 1


def _report(
    faults: Sequence[Notice], warnings: Sequence[Notice], *, as_json: bool, full_list: str = ""
) -> None:
    """List faults and warnings: as JSON on standard output, else in French on standard error.

    Parameters
    ----------
    full_list
        Name of the file that holds them all, empty when there is none.
    """
    from data.study.faults import format_faults  # noqa: PLC0415

    if as_json:
        found = {
            "erreurs": [vars(notice) for notice in faults],
            "avertissements": [vars(notice) for notice in warnings],
        }
        print(json.dumps(found, ensure_ascii=False, indent=2))
    elif faults or warnings:
        print(format_faults(faults, warnings, full_list=full_list), file=sys.stderr)


def verify(arguments: argparse.Namespace) -> int:
    """Read the study and say everything found, in a file too when one is named."""
    from data.results.findings import check_findings_file, write_findings  # noqa: PLC0415

    if arguments.anomalies is not None:
        check_findings_file(arguments.anomalies, arguments.dossier)
    study, faults, warnings = _read(arguments.dossier)
    full_list = ""
    if arguments.anomalies is not None:
        write_findings(arguments.anomalies, faults, warnings, excel=arguments.excel)
        full_list = str(arguments.anomalies)
    _report(faults, warnings, as_json=arguments.json, full_list=full_list)
    if study is None:
        return 1
    if not arguments.json:
        print(_checked(study))
    return 0


def _read(folder: Path) -> tuple[Study | None, Sequence[Notice], Sequence[Notice]]:
    """Return a study with the errors and warnings found, None for one with errors.

    Those of its applications and scenarios are among them.
    """
    from api.filed import read_filed  # noqa: PLC0415
    from data.reference.territory import load_territory  # noqa: PLC0415
    from data.study.reader import read_study  # noqa: PLC0415

    territory = load_territory(on_step=_say)
    try:
        study = read_study(folder, territory)
    except InputErrors as errors:
        return None, errors.faults, errors.warnings
    filed, found = read_filed(folder, study, territory)
    return (
        None if found.faults else filed.study,
        found.faults,
        (*study.warnings, *found.warnings),
    )


def _checked(study: Study) -> str:
    """Return the line that says what a study without error holds."""
    from coverage.wording import plural  # noqa: PLC0415

    counts = (
        plural(len(study.warnings), "avertissement", "avertissements"),
        plural(len(study.structures), "structure", "structures"),
        plural(len(study.posts), "poste", "postes"),
        plural(len(study.perimeters), "ligne de périmètre", "lignes de périmètre"),
        plural(len(study.drawn), "périmètre dessiné", "périmètres dessinés"),
        plural(len(study.needs), "ligne de besoin", "lignes de besoin"),
        *_sources(study),
    )
    return f"« {study.name} » ({study.year}) : aucune erreur ; {', '.join(counts)}."


def _sources(study: Study) -> list[str]:
    """Count what the other sources gave; those that no file speaks of are not counted."""
    from coverage.wording import plural  # noqa: PLC0415

    given = (
        (len(study.contracts), "marché", "marchés"),
        (len(study.contracts_aside), "marché écarté", "marchés écartés"),
        (_distinct(study.projects, "projet_id"), "grand projet", "grands projets"),
        (_distinct(study.services, "service_id"), "service de l’État", "services de l’État"),
        (len(study.indicators), "valeur d’indicateur", "valeurs d’indicateurs"),
        (len(study.regional_totals), "total régional", "totaux régionaux"),
    )
    return [plural(count, one, many) for count, one, many in given if count]


def _distinct(table: pd.DataFrame | None, name: str) -> int:
    return 0 if table is None else int(table[name].nunique())


def calculate(arguments: argparse.Namespace) -> int:
    """Compute a study and write its results."""
    from api import pipeline  # noqa: PLC0415

    with stages(pipeline.STAGES, quiet=arguments.json) as step:
        coverage = pipeline.calculate(
            arguments.dossier, arguments.sortie, on_step=step, excel=arguments.excel
        )
    if arguments.json:
        print((arguments.sortie / "resume.json").read_text(encoding="utf-8"), end="")
        return 0
    _report((), coverage.warnings, as_json=False)
    print(_summary(coverage, arguments.sortie))
    return 0


def explain(arguments: argparse.Namespace) -> int:
    """Explain one commune of a study."""
    from api import explain as telling  # noqa: PLC0415
    from api.changes.changing import changes_of_commune  # noqa: PLC0415
    from api.pipeline import read_and_compute  # noqa: PLC0415
    from coverage.dossiers.changes.words import change_facts, since_lines  # noqa: PLC0415

    count = _STUDY_STAGES if arguments.depuis is None else _COMPARED_STAGES
    with stages(count, quiet=arguments.json) as step:
        coverage = read_and_compute(arguments.dossier, on_step=step)
        coverage = telling.of_year(coverage, arguments.annee)
        code = telling.find_commune(coverage.territory, arguments.commune)
        since = None
        if arguments.depuis is not None:
            since = changes_of_commune(coverage, code, arguments.depuis, on_step=step)
    if arguments.json:
        found = telling.facts(coverage, code)
        if since is not None:
            found["changements"] = [change_facts(each) for each in since]
        print(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        print(telling.explanation(coverage, code))
        if since is not None:
            print("\n".join(["", *since_lines(since)]))
    return 0


def new_study(arguments: argparse.Namespace) -> int:
    """Create an empty study to fill."""
    from data.study.templates import new_study as create  # noqa: PLC0415

    create(arguments.dossier, as_csv=arguments.csv, complete=arguments.complet)
    print(
        f"Étude créée dans « {arguments.dossier} » : lire LISEZMOI.txt, remplir les tableaux, "
        f"puis « zones-blanches verifier {arguments.dossier} »."
    )
    return 0


def demo(arguments: argparse.Namespace) -> int:
    """Write the fictional example, compute it, and serve it."""
    from api import pipeline  # noqa: PLC0415
    from api.memory import share_arenas  # noqa: PLC0415
    from api.settings import read_settings  # noqa: PLC0415
    from api.studies import OpenStudy, Studies, free_slug  # noqa: PLC0415
    from data.example.generate import write_example  # noqa: PLC0415
    from data.reference.territory import load_territory  # noqa: PLC0415

    share_arenas()  # as for `serve`
    settings = read_settings()
    study = arguments.sortie.with_name(arguments.sortie.name + "-etude")
    with stages(pipeline.STAGES + 1) as step:
        step("Étude d’exemple (fictive)")
        if not study.exists():
            write_example(study, load_territory(on_step=step))
        coverage = pipeline.calculate(study, arguments.sortie, on_step=step, excel=arguments.excel)
    print(
        f"Exemple fictif : les tableaux de l’étude sont dans « {study} » ; les modifier et "
        "relancer pour essayer, supprimer le dossier pour retrouver l’exemple d’origine."
    )
    print(_summary(coverage, arguments.sortie))
    if arguments.sans_serveur:
        return 0
    opened = OpenStudy(free_slug(study.resolve().name, taken=set()), lambda: coverage)
    return _serve(Studies([opened]), settings, arguments.port)


def serve(arguments: argparse.Namespace) -> int:
    """Serve study folders, each read and computed first."""
    from api.memory import share_arenas  # noqa: PLC0415
    from api.settings import read_settings  # noqa: PLC0415
    from api.studies import open_studies  # noqa: PLC0415

    share_arenas()  # before any thread keeps memory for itself
    settings = read_settings()
    with stages(_STUDY_STAGES * len(arguments.dossiers)) as step:
        studies = open_studies(arguments.dossiers, on_step=step)
        wrong = _read_all(studies)
    for slug, errors in wrong:
        print(f"Étude « {slug} » :", file=sys.stderr)
        _report(errors.faults, errors.warnings, as_json=False)
    return 1 if wrong else _serve(studies, settings, arguments.port)


def _read_all(studies: Studies) -> list[tuple[str, InputErrors]]:
    """Read and compute every study; return those that have errors, with all of them."""
    wrong = []
    for study in studies:
        try:
            _ = study.coverage
        except InputErrors as errors:
            wrong.append((study.slug, errors))
    return wrong


def _serve(studies: Studies, settings: Settings, port: int | None) -> int:
    from api.serve import listen  # noqa: PLC0415
    from api.serve import serve as run_server  # noqa: PLC0415

    run_server(studies, settings, listen(port))
    return 0


def _say(phrase: str) -> None:
    print(f"· {phrase}", file=sys.stderr)


def _summary(coverage: Coverage, out: Path) -> str:
    """Return the few lines a planner reads after a computation."""
    from coverage.selection import select_regions  # noqa: PLC0415
    from coverage.wording import STATUS_NAMES, plural, whole  # noqa: PLC0415

    totals = select_regions(coverage).totals
    lines = [
        f"{coverage.study.name} ({coverage.study.year}) : "
        f"{plural(totals['zones_retenues'], 'zone blanche retenue', 'zones blanches retenues')}, "
        f"{whole(totals['zones_a_documenter'])} à documenter ; "
        f"besoin connu {whole(totals['besoin_h'])} h, servi au mieux "
        f"{whole(totals['servi_h'])} h."
    ]
    lines += [
        f"  {STATUS_NAMES[status]} : {plural(count, 'commune', 'communes')}, "
        f"{plural(totals['population_par_statut'][status], 'habitant', 'habitants')}"
        for status, count in totals["communes_par_statut"].items()
    ]
    partial = plural(totals["communes_couvertes_besoin_partiel"], "commune", "communes")
    lines[-1] += f", dont {partial} où une partie du besoin est inconnue"
    lines.append(f"Résultats dans « {out} » ; carte : « {out / 'carte.html'} ».")
    return "\n".join(lines)
