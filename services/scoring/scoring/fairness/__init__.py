"""Who is chosen and who is wrongly moved down, by age band, gender and region."""
