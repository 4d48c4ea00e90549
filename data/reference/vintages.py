"""Vintages of the Code officiel géographique."""

VINTAGE = 2026
"""Of the codes: déléguées and associées of both sources are those of COG 2026."""

ACCEPTED_VINTAGES = (2025, 2026)
"""Those with the same list of communes, which a study may therefore declare."""
