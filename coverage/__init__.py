"""Decide: atoms, need, fair response, certificates, status, zones."""
