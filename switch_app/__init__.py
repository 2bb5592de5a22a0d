"""Hotline's application: a telephony-first call centre on FreeSWITCH."""
