"""Applications of several dossiers: copied as filed, renamed where two files have one name."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coverage.proposals.hosts import NEW
from data.applications.read import FOLDER
from data.consolidate.model import Part, Told
from data.study.faults import Findings, quoted
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from data.consolidate.identifiers import Identifiers
    from data.consolidate.identities import Names
    from data.consolidate.model import Dossier

_KEY = re.compile(r"(\s*(?:porteur\.)?[\"']?structure_id[\"']?\s*=\s*)(\"[^\"\n]*\"|'[^'\n]*')")
_HEADING = re.compile(r"\s*\[\[?\s*([\w.-]+)\s*\]\]?")
_KEPT = re.compile(r"(conv-\d{4}-)(.+)")
_BY_HAND = "remplacez vous-même l’identifiant dans ce fichier, puis recommencez"


@dataclass(frozen=True)
class _Filed:
    dossier: str
    stem: str
    content: bytes


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

    Applications are compared once the identifiers of structures are the final ones.
    """
    faults: list[Notice] = []
    once: defaultdict[bytes, list[_Filed]] = defaultdict(list)
    for each in dossiers:
        for filed in _filed(each, identifiers, faults):
            once[filed.content].append(filed)
    told = [_repeated(holders) for holders in once.values() if len(holders) > 1]
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
            files[f"{FOLDER}/{final}.toml"] = first.content
            stems |= {(each.dossier, each.stem): final for each in holders}
            holding[final] = tuple(sorted({each.dossier for each in holders}))
    return Candidatures(files, holding, stems, Part(tuple(told), Findings(tuple(faults))))


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
    kept = _KEPT.fullmatch(text)
    if kept is None:
        return text
    post = identifiers.of(label, "poste_id", kept[2])
    names = identifiers.names["structure_id"]
    own = {name: new for (dossier, name), new in names.items() if dossier == label}
    return kept[1] + (post if post != kept[2] else _replaced(kept[2], own))


def _replaced(text: str, names: Mapping[str, str]) -> str:
    """Return a text whose first part, the longest that is a name, is replaced."""
    found = max((name for name in names if text.startswith(f"{name}-")), key=len, default="")
    return names[found] + text.removeprefix(found) if found else text


def _filed(dossier: Dossier, identifiers: Identifiers, faults: list[Notice]) -> list[_Filed]:
    filed = []
    for application in dossier.applications:
        content = (dossier.folder / application.file).read_bytes()
        named = _structure(content)
        final = identifiers.of(dossier.label, "structure_id", named)
        if final != named:
            changed = with_structure(content, final)
            if changed is None:
                place = f"{dossier.label}/{application.file}"
                message = f"structure {quoted(named)} à renommer {quoted(final)}, clé introuvable"
                faults.append(Notice(place, 0, "porteur.structure_id", message, _BY_HAND))
                continue
            content = changed
        filed.append(_Filed(dossier.label, application.application_id, content))
    return filed


def _structure(content: bytes) -> str:
    """Return the structure that an application names, as filed; empty when it names none."""
    porteur = tomllib.loads(content.decode("utf-8-sig"))["porteur"]
    return str(porteur.get("structure_id", "")).strip()


def with_structure(content: bytes, final: str) -> bytes | None:
    """Return an application whose `porteur.structure_id` is another, all else as it was.

    None when the key is written in a way that is not found, so that nothing else is touched.
    """
    text = content.decode("utf-8-sig")
    wanted = tomllib.loads(text)
    wanted["porteur"]["structure_id"] = final
    lines = text.splitlines(keepends=True)
    table = ""
    for at, line in enumerate(lines):
        if heading := _HEADING.match(line):
            table = heading[1]
        key = _KEY.match(line)
        if key is None or table not in ("", "porteur"):
            continue
        changed = [*lines[:at], f'{key[1]}"{final}"{line[key.end() :]}', *lines[at + 1 :]]
        joined = "".join(changed)
        if _parsed(joined) == wanted:
            return joined.encode()
    return None


def _parsed(text: str) -> object:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _free(name: str, taken: set[str]) -> str:
    free, number = name, 2
    while free.casefold() in taken:
        free, number = f"{name}-{number}", number + 1
    return free


def _repeated(holders: Sequence[_Filed]) -> Told:
    labels = tuple(sorted({each.dossier for each in holders}))
    stems = "|".join(sorted({each.stem for each in holders}))
    return Told(
        "doublon", FOLDER, stems, labels, "même candidature dans ces dossiers", "gardée une fois"
    )


def _renamed(first: _Filed, final: str, claimants: Sequence[Sequence[_Filed]]) -> Told:
    others = sorted({each.dossier for holders in claimants for each in holders} - {first.dossier})
    where = f"dans {', '.join(others)}" if others else "dans le même dossier"
    found = f"candidature de même nom et d’autre contenu {where}"
    return Told(
        "renommage", FOLDER, first.stem, (first.dossier,), found, f"renommée {quoted(final)}"
    )
