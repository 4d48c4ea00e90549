"""Applications of several dossiers: persons left out, renamed where two files have one name."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coverage.proposals.hosts import NEW
from data.applications.form import identifying_keys
from data.applications.read import FOLDER
from data.consolidate.filed import kept, structure_named
from data.consolidate.model import Part, Told
from data.study.faults import count, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from data.consolidate.filed import Kept
    from data.consolidate.identifiers import Identifiers
    from data.consolidate.identities import Names
    from data.consolidate.model import Dossier

_GRANTED = re.compile(r"(conv-\d{4}-)(.+)")


@dataclass(frozen=True)
class _Filed:
    dossier: str
    stem: str
    kept: Kept


@dataclass(frozen=True)
class Candidatures:
    """The applications of the consolidated study.

    Attributes
    ----------
    files
        Name in the consolidated folder → content.
    holders
        Identifier of an application → the dossiers that file it.
    stems
        (Dossier, identifier) → final identifier.
    """

    files: Mapping[str, bytes]
    holders: Mapping[str, tuple[str, ...]]
    stems: Names
    part: Part


def joined_applications(dossiers: Sequence[Dossier], identifiers: Identifiers) -> Candidatures:
    """Return the files of applications; one filed twice is kept once.

    Applications are compared once the identifiers of structures are the final ones, and without
    what identifies persons.
    """
    once: defaultdict[bytes, list[_Filed]] = defaultdict(list)
    every = [filed for each in dossiers for filed in _filed(each, identifiers)]
    for filed in every:
        once[filed.kept.content].append(filed)
    told = _changes(every)
    told += [_repeated(holders) for holders in once.values() if len(holders) > 1]
    named: defaultdict[str, list[list[_Filed]]] = defaultdict(list)
    for holders in once.values():
        named[holders[0].stem.casefold()].append(holders)
    prefixes = {each.label: each.prefix for each in dossiers}
    taken = set(named)
    files: dict[str, bytes] = {}
    stems: Names = {}
    holding: dict[str, tuple[str, ...]] = {}
    for claimants in named.values():
        for holders in claimants:
            first = holders[0]
            final = first.stem
            if len(claimants) > 1:
                final = _free(f"{prefixes[first.dossier]}-{first.stem}", taken)
                taken.add(final.casefold())
                told.append(_renamed(first, final, claimants))
            files[f"{FOLDER}/{final}.toml"] = first.kept.content
            stems |= {(each.dossier, each.stem): final for each in holders}
            holding[final] = tuple(sorted({each.dossier for each in holders}))
    return Candidatures(files, holding, stems, Part(tuple(told)))


def renamed_targets(
    dossiers: Sequence[Dossier], identifiers: Identifiers, stems: Names
) -> tuple[Names, Names]:
    """Return what opinions name once joined: options by identifier, structures that are new.

    Parameters
    ----------
    stems
        (Dossier, identifier of an application) → final identifier.
    """
    options: Names = {}
    structures: Names = {(label, NEW + stem): NEW + new for (label, stem), new in stems.items()}
    for each in dossiers:
        own = {stem: new for (label, stem), new in stems.items() if label == each.label}
        for row in each.rows.get("avis", ()):
            text = row.cell("option_id")
            if text:
                options[each.label, text] = _option(text, each.label, own, identifiers)
    return options, structures


def _option(text: str, label: str, stems: Mapping[str, str], identifiers: Identifiers) -> str:
    """Return the identifier of an option once posts, structures and applications are renamed."""
    if text.startswith("cand-"):
        return "cand-" + _replaced(text.removeprefix("cand-"), stems)
    granted = _GRANTED.fullmatch(text)
    if granted is None:
        return text
    post = identifiers.of(label, "poste_id", granted[2])
    names = identifiers.names["structure_id"]
    own = {name: new for (dossier, name), new in names.items() if dossier == label}
    return granted[1] + (post if post != granted[2] else _replaced(granted[2], own))


def _replaced(text: str, names: Mapping[str, str]) -> str:
    """Return a text whose first part, the longest that is a name, is replaced."""
    found = max((name for name in names if text.startswith(f"{name}-")), key=len, default="")
    return names[found] + text.removeprefix(found) if found else text


def _filed(dossier: Dossier, identifiers: Identifiers) -> list[_Filed]:
    filed = []
    for application in dossier.applications:
        content = (dossier.folder / application.file).read_bytes()
        named = structure_named(content)
        final = identifiers.of(dossier.label, "structure_id", named)
        own = kept(content, "" if final == named else final)
        filed.append(_Filed(dossier.label, application.application_id, own))
    return filed


def _free(name: str, taken: set[str]) -> str:
    free, number = name, 2
    while free.casefold() in taken:
        free, number = f"{name}-{number}", number + 1
    return free


def _changes(filed: Sequence[_Filed]) -> list[Told]:
    """Tell, once for all of them, what applications are kept without, and those written anew."""
    told = []
    without = [each for each in filed if each.kept.left_out]
    if without:
        found = (
            f"{count(len(without), 'candidature')} avec les coordonnées de personnes "
            f"({', '.join('.'.join(key) for key in sorted(identifying_keys()))})"
        )
        outcome = "coordonnées non reprises : elles restent dans les dossiers reçus"
        told.append(Told("retrait", FOLDER, "", _labels(without), found, outcome))
    anew = [each for each in filed if each.kept.rewritten]
    if anew:
        stems = "|".join(sorted({each.stem for each in anew}))
        found = "table « porteur » écrite en une seule valeur : rien n’y change sans la récrire"
        outcome = "fichier récrit, autres valeurs inchangées ; ses commentaires sont perdus"
        told.append(Told("retrait", FOLDER, stems, _labels(anew), found, outcome))
    return told


def _labels(filed: Sequence[_Filed]) -> tuple[str, ...]:
    return tuple(sorted({each.dossier for each in filed}))


def _repeated(holders: Sequence[_Filed]) -> Told:
    stems = "|".join(sorted({each.stem for each in holders}))
    return Told(
        "doublon",
        FOLDER,
        stems,
        _labels(holders),
        "même candidature dans ces dossiers",
        "gardée une fois",
    )


def _renamed(first: _Filed, final: str, claimants: Sequence[Sequence[_Filed]]) -> Told:
    others = sorted({each.dossier for holders in claimants for each in holders} - {first.dossier})
    where = f"dans {', '.join(others)}" if others else "dans le même dossier"
    found = f"candidature de même nom et d’autre contenu {where}"
    return Told(
        "renommage", FOLDER, first.stem, (first.dossier,), found, f"renommée {quoted(final)}"
    )
