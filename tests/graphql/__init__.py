"""The product as its clients see it: the real application over HTTP, on a real database."""
