"""The reference territory: fetched, checked, cleaned once, cached."""
