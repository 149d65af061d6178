"""Claims on the penalty that fine-tuning minimises (Theorem 4.1)."""
