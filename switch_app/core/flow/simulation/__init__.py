"""A flow run without a telephone, in virtual time: for a flow's own tests and for trying it out."""
