"""What a policy may say, what is wrong with one, and what follows from it for a customer."""
