"""Text with many lines, read in constant memory, from a file or as it came in a request: CSV and JSON Lines."""
