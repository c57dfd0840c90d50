"""Affiliates' rules and templates, and what people do with them."""
