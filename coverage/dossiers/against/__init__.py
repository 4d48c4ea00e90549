"""What a jury that wants to say no could answer, computed."""
