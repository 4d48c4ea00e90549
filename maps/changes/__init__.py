"""Maps of what changes in the communes from one state to another: before, after, by scenario."""
