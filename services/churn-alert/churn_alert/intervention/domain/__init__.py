"""The rules of interventions: which step follows which, what falls due, and what is over."""
