"""The call server, put together: the one place that knows all concrete parts."""
