"""Refusals of access, in the French that a planner reads."""

from __future__ import annotations

from geo.errors import ZonesBlanchesError


class NotAllowedError(ZonesBlanchesError, PermissionError):
    """Something that the key shown does not give, or that a form does not prove."""
