"""The demo: a tracker, an advertiser and visitors on this machine, and the whole loop between them."""
