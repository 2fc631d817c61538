"""What the shop has and charges: rows in TOML files, validated when read."""
