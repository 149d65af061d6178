"""Claims on trained networks against the theory (Appendix E)."""
