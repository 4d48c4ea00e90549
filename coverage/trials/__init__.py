"""Trials: what a few edits of a study would change, told at once from what is already merged."""
