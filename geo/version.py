"""Version of the program and of its file formats."""

VERSION = "0.1.0"
FORMAT_VERSION = 1
