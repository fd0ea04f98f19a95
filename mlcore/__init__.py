"""Pulih's machine learning, in pure PyTorch: degradation, pairing, networks, training, inference, metrics.

Knows no Django, reads no settings, prints nothing.
"""

__version__ = "0.1.0"
