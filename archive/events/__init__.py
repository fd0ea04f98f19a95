"""The event log: kinds of events, and the chain that holds them together."""
