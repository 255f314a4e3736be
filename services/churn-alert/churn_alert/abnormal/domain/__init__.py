"""What is kept of postings, what is judged of it, and what becomes of a lead."""
