"""The Event Socket in both directions and the events that travel over it."""
