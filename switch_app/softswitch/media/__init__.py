"""RTP endpoints, G.711, telephone events, what is played and what is recorded."""
