"""Know places: codes, territories, legal projections, shared borders, live index."""
