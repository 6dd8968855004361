"""Who may call what, and who sees which rows."""
