"""Action-based bonuses: for enrolling, for bringing somebody, for telling more about oneself."""
