"""Whether what is asked is in proportion with what is missing."""
