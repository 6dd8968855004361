"""The example packages, as a stranger uses them: built, installed in an environment of their own, and seen at work."""
