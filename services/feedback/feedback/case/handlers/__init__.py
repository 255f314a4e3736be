"""What changes a case, by idea: what customers submit, what staff answer, what silence breaches."""
