"""How sure a claim is, by how much a figure may be wrong, and which one to verify first."""
