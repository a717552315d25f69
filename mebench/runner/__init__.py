"""Running: the plan of what is missing, worker processes, records, and what is known of their origin."""
