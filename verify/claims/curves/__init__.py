"""Claims on what the error curves show (Section 5.3)."""
