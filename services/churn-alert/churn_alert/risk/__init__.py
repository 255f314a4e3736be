"""How likely each customer is drifting away: kept in any order of events, judged against the customer's own past."""
