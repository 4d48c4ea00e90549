"""Proposals of new posts under the rules of a call (method, 8)."""
