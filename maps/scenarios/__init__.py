"""The pages of a comparison of scenarios."""
