"""Files of customers and the demo parts: rows, rights and bytes."""
