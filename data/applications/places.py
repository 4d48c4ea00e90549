"""Where an application would work and for whom: codes to units, buyers to classes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from coverage.origins.buyers import buyer_class, known_buyers
from coverage.parameters import CLASSES
from data.study.faults import Findings, proposal, quoted
from data.study.filed_codes import explain_unknown, repaired

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coverage.model import Study
    from data.applications.document import Document
    from geo.errors import Notice
    from geo.territory import Territory

_SIRET = re.compile("[0-9]{14}")


def read_units(
    document: Document, lines: Sequence[Mapping[str, Any]], at: str, territory: Territory
) -> tuple[tuple[int, ...], Findings]:
    """Return the sorted unit rows of a perimeter's codes."""
    units: set[int] = set()
    faults: list[Notice] = []
    warnings: list[Notice] = []
    for number, line in enumerate(lines, start=1):
        if "niveau" not in line or "code" not in line:
            continue
        niveau, code = line["niveau"], line["code"]
        key = f"{at}.codes[{number}].code"
        known = territory.members[niveau]
        found = code if code in known else repaired(code, niveau, known)
        if not found:
            reason = explain_unknown(code, niveau, territory, propose=True)
            faults.append(document.notice(key, *reason))
            continue
        if found != code:
            message = f"code {quoted(code)} lu « {found} »"
            warnings.append(document.notice(key, message, "vérifiez ce code"))
        units.update(known[found].tolist())
    return tuple(sorted(units)), Findings(tuple(faults), tuple(warnings))


def read_scope(
    document: Document, lines: Sequence[Mapping[str, Any]], at: str, study: Study
) -> tuple[tuple[str, ...], Findings]:
    """Return the classes of the buyers named, in the order of `CLASSES`; none when none is.

    A SIRET stands for all its class (table `acheteurs`, else its SIREN): posts serve classes.
    """
    found: set[str] = set()
    faults: list[Notice] = []
    warnings: list[Notice] = []
    for number, line in enumerate(lines, start=1):
        text = line.get("donneur_ordre", "")
        key = f"{at}.donneurs_ordre[{number}].donneur_ordre"
        if text in CLASSES:
            found.add(text)
        elif _SIRET.fullmatch(text):
            class_ = buyer_class(text, "", known_buyers(study.buyers))
            if class_:
                found.add(class_)
                message = f"acheteur {quoted(text)} : toute sa classe est comptée, « {class_} »"
                warnings.append(document.notice(key, message, "nommez la classe si elle suffit"))
            else:
                message = f"acheteur {quoted(text)} de classe inconnue"
                remedy = "décrivez-le dans la table « acheteurs », ou écrivez sa classe"
                faults.append(document.notice(key, message, remedy))
        elif text:
            message = f"donneur d’ordre {quoted(text)} inconnu"
            accepted = f"écrivez un SIRET, ou l’une de : {', '.join(CLASSES)}"
            faults.append(document.notice(key, message, proposal(text, CLASSES) or accepted))
    scope = tuple(class_ for class_ in CLASSES if class_ in found)
    return scope, Findings(tuple(faults), tuple(warnings))
