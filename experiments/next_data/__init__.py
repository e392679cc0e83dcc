"""Does the next best datum help? Signals of companies hidden, and revealed one at a time in three orders."""
