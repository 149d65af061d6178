"""What the claims of one topic share: which data, which effects, which networks."""
