"""The three tests of a claim: one area, a need that nothing serves, nobody to answer."""
