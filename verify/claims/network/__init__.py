"""Claims on the network, its flow and its invariants (Section 3, Appendix B.1)."""
