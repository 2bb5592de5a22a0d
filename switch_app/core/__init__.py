"""The pure core: signals in, facts and orders out. No clock, randomness or I/O."""
