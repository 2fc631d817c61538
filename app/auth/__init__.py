"""Who somebody is: credentials, sessions, tokens."""
