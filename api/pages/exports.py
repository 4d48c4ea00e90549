"""Exports, at the addresses that the pages link to."""

from __future__ import annotations

from api.exports.routes import export_router

router = export_router("/etudes/{etude}/exports", in_schema=False)
