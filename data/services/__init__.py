"""State services read from the official directory, public lists and the study's own table."""
