"""One file per format: bytes in, a part in millimetres out."""
