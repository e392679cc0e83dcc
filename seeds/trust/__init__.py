"""Whether the alliance's facts can be trusted: identity, consensus and reliability against the simulator's truth."""
