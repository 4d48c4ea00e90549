"""Forms that the tables of the register took, one after the other."""
