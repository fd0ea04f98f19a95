"""Collections, photos and the files behind them: what came in, kept as it came."""
