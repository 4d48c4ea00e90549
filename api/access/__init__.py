"""Who asks, and what they may do, when the server is set to ask for keys."""
