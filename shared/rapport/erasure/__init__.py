"""What a service does when customer-profile says that a file is archived or destroyed: it forgets the customer too."""
