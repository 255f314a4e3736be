"""The rules of risk: what is kept of a customer, what it shows, how likely it makes a departure, when that crosses."""
