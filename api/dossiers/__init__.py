"""Dossiers: the applications of a study examined, for the command, the pages and the API."""
