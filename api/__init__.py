"""Serve: the command line, HTTP routes and pages."""
