"""Programs and their point types."""
