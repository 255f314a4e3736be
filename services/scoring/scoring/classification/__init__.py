"""The classes of a customer, each with the moment since when it has held: type, attribute, activity, lifecycle."""
