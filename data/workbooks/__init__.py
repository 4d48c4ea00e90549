"""Workbooks: read cell by cell or refused, written to be filled."""
