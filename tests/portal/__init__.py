"""What the people of partners see and do, and what they do not."""
