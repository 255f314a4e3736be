"""The stages of a customer's life with the bank: potential, new, mature, lost; each with its date and its rule."""
