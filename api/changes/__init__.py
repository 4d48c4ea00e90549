"""What changed class since another study: told by the command line, kept by the register."""
