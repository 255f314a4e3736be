"""What becomes of interventions: begun and ended by alerts, gone on with by answers, people and time."""
