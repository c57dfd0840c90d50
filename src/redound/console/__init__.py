"""The console: what people use. The only part that knows Django."""
