"""ResNet-18 on CIFAR-100: the theory's factors in a real network (Section 6, Appendix D, E.3).

Needs torch and torchvision (`pip install finetuning-bias[torch]`); nothing here is imported by
the rest of the package.
"""


class VisionError(Exception):
    """Something that the study needs is missing, damaged or in use; the message says what."""
