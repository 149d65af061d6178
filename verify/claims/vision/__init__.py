"""Claims on ResNet-18 on CIFAR-100 (Section 6, Appendix D)."""
