"""Exhaustive search over the real admission, fold and standing code: every order of events, to a
stated depth, with two and with three parties."""
