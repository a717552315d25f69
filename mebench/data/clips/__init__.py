"""The clip table: what an annotation says, typed, keyed, repaired and checked."""
