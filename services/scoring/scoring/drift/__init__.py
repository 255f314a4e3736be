"""How the book moves away from what a scorecard version met first: inputs, points and tiers, a snapshot a day."""
