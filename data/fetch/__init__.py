"""Files that publishers serve: fetched, checked, kept, used without a network."""
