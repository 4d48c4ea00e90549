"""Indicators by commune read from public statistics, each format by its own columns."""
