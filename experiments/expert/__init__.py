"""Expert scorecards in versioned files: what an innovation-points form would say of a company."""
