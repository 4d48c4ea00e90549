"""The rules of calls for projects, read from dated data."""
