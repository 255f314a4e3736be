"""The rules of stages: what is known of a customer, what each rule asks for, when one stage follows another."""
