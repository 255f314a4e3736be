"""The management audit of a period: who did what with personal data, what is overdue, whose rights nobody uses."""
