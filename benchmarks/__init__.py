"""Where the figures in README come from. Each module is run with `python -m` and prints JSON."""
