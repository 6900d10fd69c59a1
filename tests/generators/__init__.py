"""Files about options that ``python -m tests.generators`` writes."""
