"""The demonstration: a real year of a grocer's baskets goes through the engine, and its totals through an independent recomputation."""
