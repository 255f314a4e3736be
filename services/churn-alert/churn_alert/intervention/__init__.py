"""What is done for a customer by a playbook: messages asked for, tasks of people, and what came of each."""
