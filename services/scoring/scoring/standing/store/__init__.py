"""All SQL of standings: their rows, their decisions, and what is asked of them over REST."""
