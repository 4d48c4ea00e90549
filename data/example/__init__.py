"""The fictional national example study: real places, all that is asked and offered is invented."""
