"""Names and what stands behind them: hook specifications, the registry, loading of plugins."""
