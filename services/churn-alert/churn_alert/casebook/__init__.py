"""What came of alerts: each closed one as a case to be found again, what helped, and who stayed month by month."""
