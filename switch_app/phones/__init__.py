"""Real SIP phones for the demo and the tests (pjsua2, extra `[phones]`; GPL, optional).

A phone process holds up to four lines (the wheel is compiled for four calls) and is driven over its
standard input and output; `phone.Phones` is the parent's side. Nothing of the product needs it.
"""
