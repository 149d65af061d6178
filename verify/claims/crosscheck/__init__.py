"""Claims on independent methods for one quantity against each other."""
