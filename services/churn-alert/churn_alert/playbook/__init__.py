"""What is done for whom on which occasion, written by people as data; and who is left without it, drawn by lot."""
