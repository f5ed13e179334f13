"""Who asks, and what they may: API keys, tokens of an identity provider, roles, and how often somebody may ask."""
