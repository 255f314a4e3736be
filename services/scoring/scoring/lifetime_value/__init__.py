"""What each customer will bring within a year, in money: a fitted model, its versions, and its figures."""
