"""A package sealed: its files, the list of their digests, and the digest of that list.

Whoever holds the list can check every file with a common tool (`sha256sum -c`), and whoever knows
the digest of the list can check it in the same way: nothing of the program is needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from textwrap import fill
from typing import TYPE_CHECKING, Any

import orjson

from coverage.wording import plural
from data.consolidate.dossiers import slug
from data.results.archive import packed
from data.results.readme import README_FILE

if TYPE_CHECKING:
    from collections.abc import Mapping

KIND = "zones-blanches/paquet"
PACKAGE_VERSION = 1
DIGESTS_FILE = "EMPREINTES.sha256"
"""One line a file, `digest  name`, sorted by name: every file of the package but this one."""

FACTS_FILE = "paquet.json"
STUDY, RESULTS, DOSSIERS = "etude/", "resultats/", "dossiers/"
DIGITS = 12
"""First signs of the digest that the name of a package ends with."""

_WIDTH = 90
_INTRODUCTION = (
    "Paquet d’une étude pour la décision nationale, écrit par « zones-blanches paquet ». Il est "
    "figé : son empreinte est celle du fichier EMPREINTES.sha256, qui donne celle de chaque autre "
    "fichier. Les coordonnées de personnes n’y sont pas."
)
_HOLDS = (
    f"  {STUDY:<12} l’étude, relue et sans coordonnées de personnes : tables, candidatures, avis",
    f"  {RESULTS:<12} ce que « calculer » en tire : zones, tables, certificats, carte",
    f"  {DOSSIERS:<12} une candidature par dossier : constats, preuves, fiche",
)
_CHECK = (
    "  1. dépliez l’archive, puis « sha256sum -c EMPREINTES.sha256 » : chaque fichier est intact ;",
    "  2. « sha256sum EMPREINTES.sha256 » : le début est celui du nom du paquet, et l’empreinte "
    "celle qu’a dite la région ;",
    "  3. « zones-blanches calculer etude -o essai » : les mêmes résultats, octet pour octet.",
)
_JOIN = "zones-blanches consolider PAQUET… -o france réunit des paquets, chacun vérifié d’abord."


@dataclass(frozen=True)
class Sealed:
    """A package ready to be written.

    Attributes
    ----------
    name
        Of its file: the study, its year, the first signs of the digest.
    digest
        SHA-256 of the list of digests, hexadecimal.
    content
        The archive.
    """

    name: str
    digest: str
    content: bytes


def sealed(files: Mapping[str, bytes | str], facts: Mapping[str, Any]) -> Sealed:
    """Return the package of some files: the same files and facts give the same bytes.

    Parameters
    ----------
    files
        Path in the package → content; under `STUDY`, `RESULTS` or `DOSSIERS`.
    facts
        Provenance of the results (`data.results.provenance`), and what else the package tells.
    """
    told = {"genre": KIND, "version_paquet": PACKAGE_VERSION, **facts}
    whole: dict[str, bytes] = {name: _bytes(content) for name, content in files.items()}
    whole[FACTS_FILE] = orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    whole[README_FILE] = _readme(facts, whole).replace("\n", "\r\n").encode("utf-8-sig")
    listed = digests_text({name: sha256(content).hexdigest() for name, content in whole.items()})
    digest = sha256(listed.encode()).hexdigest()
    name = f"paquet-{study_name(facts)}-{digest[:DIGITS]}.zip"
    return Sealed(name, digest, packed({**whole, DIGESTS_FILE: listed}))


def study_name(facts: Mapping[str, Any]) -> str:
    """Return how files name the study of a package: its name, and its year unless it says it.

    >>> study_name({"etude": "Bretagne 2023", "annee": 2023})
    'bretagne-2023'
    """
    name, year = slug(str(facts["etude"])), str(facts["annee"])
    return name if name.endswith(year) else f"{name}-{year}"


def digests_text(digests: Mapping[str, str]) -> str:
    r"""Return a list of digests as `sha256sum` reads it.

    >>> digests_text({"b": "02", "a": "01"})
    '01  a\n02  b\n'
    """
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items()))


def _bytes(content: bytes | str) -> bytes:
    return content.encode() if isinstance(content, str) else content


def _readme(facts: Mapping[str, Any], files: Mapping[str, bytes]) -> str:
    asked = plural(len(facts["candidatures"]), "candidature", "candidatures")
    lines = [
        f"PAQUET NATIONAL : {facts['etude']} ({facts['annee']})",
        *(["EXEMPLE FICTIF : il ne décrit aucune situation réelle."] if facts["fictif"] else []),
        "",
        fill(_INTRODUCTION, _WIDTH),
        "",
        f"CE QU’IL CONTIENT ({len(files)} fichiers, {asked})",
        *_HOLDS,
        "",
        "LE VÉRIFIER",
        *(fill(line, _WIDTH, subsequent_indent="     ") for line in _CHECK),
        "",
        "LE RÉUNIR",
        fill(_JOIN, _WIDTH, initial_indent="  ", subsequent_indent="  "),
        "",
        "Proposition calculée, sans valeur de décision.",
        fill(facts["attribution"], _WIDTH),
    ]
    return "\n".join(lines) + "\n"
