"""Who may do what to a version of a document, and when: nothing is in force before a second person saw it."""
