"""The pages of the desk, by noun."""
