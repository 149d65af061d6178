"""A committed table of 50-digit values of every public formula, and the check against it."""
