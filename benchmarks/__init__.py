"""Measurements whose figures stand in docs/; `make bench` runs them all."""
