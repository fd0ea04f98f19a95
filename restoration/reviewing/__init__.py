"""Working through restorations that await a decision: which comes next, for whom, and under which rule."""
