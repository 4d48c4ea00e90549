"""The digest of a dossier: two dossiers that say the same thing have the same one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coverage.dossiers.model import Dossier


def digest(dossier: Dossier) -> str:
    """Return the SHA-256 of all that a dossier holds, hexadecimal.

    Every field counts, the form's texts included: nothing can be read back from a digest.
    """
    text = json.dumps(_plain(dossier), ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:  # noqa: ANN401 - of any type that a dossier holds
    """Return a value as JSON holds it, what it has no type for as text."""
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, (bool, int)) else str(value)
