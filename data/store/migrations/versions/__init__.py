"""One file by form; a form once published is never edited."""
