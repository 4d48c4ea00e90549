"""The form of an application as filed: every value, the gaps left as gaps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Form:
    """The content of an application's form.

    Attributes
    ----------
    values
        Tables as mappings, lists of tables as tuples of mappings, by the keys of the call's form
        (`data.applications.form.FORM`): hundredths of ETP and cents are int, indicators
        `Fraction`, dates `datetime.date`, flags bool, everything else text. A key that is
        absent, empty or unreadable is not there. Texts are whole, those that name persons
        included: nothing but the form itself shows these.
    unread
        Dotted key → what was written there and could not be understood, as text.
    """

    values: Mapping[str, Any]
    unread: Mapping[str, str] = field(default_factory=dict)

    def get(self, key: str, default: object = None) -> Any:  # noqa: ANN401 - of many types
        """Return the value of a dotted key, or a default.

        >>> Form({"demande": {"etp_facilitateur": 50}}).get("demande.etp_facilitateur")
        50
        """
        found: Any = self.values
        for name in key.split("."):
            if not hasattr(found, "get") or name not in found:
                return default
            found = found[name]
        return found
