"""The feedback service: hears what customers say, classifies it, and watches over the answer each of them is owed."""
