"""Whether the alerts were right, told in time, and worth what is done about them: measured, with its uncertainty."""
