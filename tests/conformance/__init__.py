"""The conformance checks themselves: what they need and when they are left out."""
