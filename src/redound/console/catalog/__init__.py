"""What traffic refers to: advertisers to links."""
