"""HTTP in: tracking links, reports and probes, as plain ASGI."""
