"""The whole book again from the log of events: to any date, by any scorecard, apart from the live tables."""
