"""Claims on the replica formula of the error (Proposition 4.2, Appendix C)."""
