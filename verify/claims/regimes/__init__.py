"""Claims on ℓ-order, pretraining dependence and the regimes (Section 5, Appendix B)."""
