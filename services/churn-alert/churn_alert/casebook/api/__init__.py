"""The casebook over REST."""
