"""Importing this module imports torchvision, remedied if need be; ImportError without it."""

from empirics.vision.torchvision_import import load

TORCHVISION = load()
