"""A study folder: read with all its faults at once, or made empty to fill."""
