"""What the documentation shows is true: its queries run, its answers are the answers, its links lead somewhere."""
