"""What each family of signals, and each member, is worth to a model: nested sets on the same panel, split and seed."""
