"""Scenarios of a study: what changes in its method, its call, its options, its decisions."""
