"""Cancellations and refunds through their services and the API: whatever is taken back leaves everything as before."""
