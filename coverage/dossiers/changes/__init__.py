"""Why a commune or a zone changed class between two studies."""
