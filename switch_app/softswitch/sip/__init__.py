"""SIP signalling over UDP: transactions by sippy, dialogs and registrations of our own."""
