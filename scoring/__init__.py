"""Facts to scores: features, the model bundle, and one function that scores."""
