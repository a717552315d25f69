"""The model interface, the torch base with its training loop, and the scikit-learn adapter."""
