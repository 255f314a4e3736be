"""The arithmetic of proof: departures, verdicts on alerts, reliability, survival, and the effect of interventions."""
