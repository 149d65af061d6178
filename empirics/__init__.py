"""Trained networks: what the theory predicts, measured by gradient descent."""
