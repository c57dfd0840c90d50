"""The console's half of live streams: who may watch what, and what there is to see."""
