"""References made from the contracts: JSON Schemas, an AsyncAPI document, a page; and what may not change in them."""
