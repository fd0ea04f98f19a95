"""How far the restorations of a collection are, and how long the rest will take."""
