"""Use of the sports-park app, aggregated: people and visits per day and month."""
