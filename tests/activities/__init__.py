"""Activities: recorded with their cause, listed, closed."""
