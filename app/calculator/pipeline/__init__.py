"""Where the two wings meet: facts from geometry, prices from money."""
