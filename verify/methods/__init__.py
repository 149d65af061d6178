"""Ways to decide: symbolic proof, rigorous enclosure, comparison of numbers."""
