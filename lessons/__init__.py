"""The lessons, a folder each, and what notebooks are made with from them."""
