"""Customers in bulk: who asks says what for, another person approves, and what is handed out is masked and counted."""
