"""Deposits: what someone brings or changes, kept, read, amended, and frozen as a version."""
