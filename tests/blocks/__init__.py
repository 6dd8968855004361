"""Point blocks."""
