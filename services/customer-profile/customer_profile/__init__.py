"""Who the bank's customers are. The only service that holds identity; it tells the others what they may know."""
