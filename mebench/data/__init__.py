"""What a plugin says of one database, where it lies, and what is read of it: clips and their frames."""
