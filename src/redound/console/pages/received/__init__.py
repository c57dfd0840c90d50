"""The received log: every request that claimed a conversion, its verdict, and what can be done about it."""
