"""Applications to the call: one TOML file each, checked whole and read without personal data."""
