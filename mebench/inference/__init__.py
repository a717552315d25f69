"""A fitted model in use: a user's own clip, what the model says of it, and where it looked."""
