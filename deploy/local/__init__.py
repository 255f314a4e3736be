"""A real PostgreSQL and a real Kafka from packages, as an ordinary user or as root, without Docker or a system Java."""
