"""The data alliance: who gave which fact, when it was true, when it was known, and who may use it."""
