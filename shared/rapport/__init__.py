"""What two services need, and nothing that one service needs."""
