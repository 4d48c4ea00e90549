"""Workbooks received from structures, joined to a study as a diff."""
