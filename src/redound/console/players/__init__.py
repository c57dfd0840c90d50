"""Players, their activity, and the reward plans that affiliates earn by."""
