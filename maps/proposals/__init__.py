"""Pages that tell proposals."""
