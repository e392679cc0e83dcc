"""Sets of data that models are compared on: an alliance's store, and flat tables of the field."""
