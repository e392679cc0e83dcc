"""The console commands of the alliance, one file per concern; ``app`` puts them together."""
