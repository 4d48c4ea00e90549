"""Dossiers: an application to the call checked, its claim tried, the argument against it."""
