"""Change one sign or constant at a time in the formulas, and see whether the suite notices."""
