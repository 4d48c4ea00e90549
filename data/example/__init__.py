"""The fictional national example study: real places, invented structures, posts and needs."""
