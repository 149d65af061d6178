"""The paper's figures, each from tables that are written beside it."""
