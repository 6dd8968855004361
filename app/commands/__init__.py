"""The commands, by noun. Heavy imports are inside the functions: `milepost --help` and `token` answer at once."""
