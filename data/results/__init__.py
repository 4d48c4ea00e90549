"""A results folder: written whole, with its provenance."""
