"""National packages: what a région sends for the national decision, sealed by its digest."""
