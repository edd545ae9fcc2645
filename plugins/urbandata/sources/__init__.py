"""One folder per source: facts, requests, parser, demo."""
