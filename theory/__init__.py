"""Symbolic derivations: network, implicit bias, regimes and replica theory, in SymPy."""
