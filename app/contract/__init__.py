"""What the API and the calculator say to each other: pydantic models, nothing else of ours."""
