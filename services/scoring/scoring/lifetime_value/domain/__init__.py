"""The rules of lifetime values: the model of a bank's customers, what it says of one, and how it is fitted."""
