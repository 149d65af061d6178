"""What the command lines share."""

from __future__ import annotations

import argparse


def positive_int(text: str) -> int:
    """Return an integer >= 1, as a type of argparse: other numbers are refused with the bound."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {value}")
    return value
