"""The risk register: what was found of credit, operational, market and legal risk, and what came of it."""
