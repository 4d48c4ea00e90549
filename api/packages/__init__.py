"""National packages: made from a study folder or a version, asked, sealed, handed over."""
