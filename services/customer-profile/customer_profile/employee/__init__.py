"""Who works where, by token: a team is the employees of one unit."""
