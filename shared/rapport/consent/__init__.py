"""What customers allow, as customer-profile told it: the copy that each service keeps and stamps its decisions with."""
