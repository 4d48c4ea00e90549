"""What the forms of a scenario bring: its description, settings, rules, decisions."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from api.scenarios.fields import NO, parameter_values, rule_values, typed_text
from geo.errors import InputErrors, Notice

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.datastructures import FormData

    from api.scenarios.content import Content
    from api.scenarios.located import Located

_NUMBER = re.compile(r"[0-9]{1,9}")
_REVISION = re.compile(r"([0-9]{1,9})-([0-9]{1,9})")

Decided = list[tuple[str, str]]
"""Options, each with its reason, as typed."""


@dataclass(frozen=True)
class Typed:
    """The fields of the form of a scenario, as they are shown and as they come back.

    Attributes
    ----------
    parameters, rules
        Text by name.
    kept
        Ranks of the modifications that stay, None for all of them.
    """

    name: str = ""
    description: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[str, str] = field(default_factory=dict)
    generated: bool = True
    locked: Decided = field(default_factory=list)
    refused: Decided = field(default_factory=list)
    kept: frozenset[int] | None = None

    def stays(self, rank: int) -> bool:
        """Tell whether a modification stays."""
        return self.kept is None or rank in self.kept

    def changes(self, located: Located) -> dict[str, Any]:
        """Return the fields of a content that the form gives.

        Parameters
        ----------
        located
            The modifications of the content that the form shows.

        Raises
        ------
        InputErrors
            When an option is decided twice, or a reason decides of none.
        """
        listed = [*located.found, *(each.kept for each in located.lost)]
        return {
            "description": " ".join(self.description.split()),
            "methode": parameter_values(self.parameters),
            "appel": rule_values(self.rules),
            "generees": self.generated,
            "verrous": _reasons(self.locked),
            "refus": _reasons(self.refused),
            "modifications": [each for rank, each in enumerate(listed) if self.stays(rank)],
        }


def typed_of(name: str, content: Content) -> Typed:
    """Return what the form of a content shows."""
    return Typed(
        name=name,
        description=content.description,
        parameters={key: typed_text(own) for key, own in content.methode.items()},
        rules={key: typed_text(own) for key, own in content.appel.items()},
        generated=content.generees,
        locked=list(content.verrous.items()),
        refused=list(content.refus.items()),
    )


def typed_in(form: FormData) -> Typed:
    """Return what a form brings."""
    return Typed(
        name=text_in(form, "nom"),
        description=text_in(form, "description"),
        parameters=_group(form, "methode."),
        rules=_group(form, "appel."),
        generated=text_in(form, "generees") != NO,
        locked=_decided(form, "verrou"),
        refused=_decided(form, "refus"),
        kept=frozenset(
            int(text) for text in map(str, form.getlist("garder")) if _NUMBER.fullmatch(text)
        ),
    )


def text_in(form: FormData, name: str) -> str:
    """Return a text of a form, empty when it brings none."""
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""


def number_in(form: FormData, name: str) -> int | None:
    """Return a whole number of a form, None when it brings none."""
    text = text_in(form, name)
    return int(text) if _NUMBER.fullmatch(text) else None


def revision_in(form: FormData, name: str) -> tuple[int, int] | None:
    """Return a scenario and one of its revisions, such as `7-2`; None when a form brings none."""
    found = _REVISION.fullmatch(text_in(form, name))
    return None if found is None else (int(found[1]), int(found[2]))


def _group(form: FormData, prefix: str) -> dict[str, str]:
    return {
        name.removeprefix(prefix): value.strip()
        for name, value in form.items()
        if name.startswith(prefix) and isinstance(value, str)
    }


def _decided(form: FormData, name: str) -> Decided:
    pairs = zip(form.getlist(f"{name}_option"), form.getlist(f"{name}_motif"), strict=False)
    typed = [(str(option).strip(), str(reason).strip()) for option, reason in pairs]
    return [pair for pair in typed if any(pair)]


def _reasons(decided: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    faults = []
    for option, reason in decided:
        if not option:
            message = f"motif sans option : « {reason} »"
            faults.append(Notice("", 0, "", message, "donner l’identifiant de l’option"))
        elif option in found:
            message = f"option « {option} » écrite deux fois"
            faults.append(Notice("", 0, "", message, "garder une seule ligne"))
        found[option] = reason
    if faults:
        raise InputErrors(faults)
    return found
