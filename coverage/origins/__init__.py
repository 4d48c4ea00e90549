"""Where the hours of need come from: each origin makes contributions, placed and traceable."""
