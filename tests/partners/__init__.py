"""Partners and their terms."""
