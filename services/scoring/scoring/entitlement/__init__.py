"""What one customer is entitled to and how their risk is controlled, by the policy in force and their classes."""
