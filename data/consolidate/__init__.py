"""Study folders of several régions, each prepared apart, joined into one national study."""
