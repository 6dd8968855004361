"""Point rules: plug-in hooks, the expression compiler and the built-in rules, one module each."""
