"""Champion and challenger: a draft decides every customer in shadow beside the version in force, and tells nobody."""
