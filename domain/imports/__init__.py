"""Files of many lines: what a line may say, how its cells become values, and what can be wrong with a file or a line."""
