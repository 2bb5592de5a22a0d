"""Doubles for tests of applications and of this package, shipped with it."""
