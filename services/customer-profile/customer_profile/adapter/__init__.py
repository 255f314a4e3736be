"""Topics of cores that do not speak the contract: read as their mapping says, and passed on as the contract's facts."""
