"""Finding, aligning and cropping faces once, into a copy of a dataset that everything else reads unchanged."""
