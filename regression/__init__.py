"""A committed table of 50-digit values of every public formula, and what holds the code to it."""
