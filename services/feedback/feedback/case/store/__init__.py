"""The tables of a case and all SQL over them: changes, single files, lists and figures."""
