"""Pure decisions: plain values in, a decision out. No clock, no database, no process."""
