"""Trace: from a click ID, a sub value, a txid or any ID of ours to the whole story and the likely cause."""
