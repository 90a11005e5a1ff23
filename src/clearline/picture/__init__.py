"""RECORD -> SITUATION. Pure.

The guarantee: the picture is a product of one fold per feed, and everything that joins feeds is
computed from that product. So it cannot depend on how entries of different feeds were interleaved,
and replaying the feeds gives the same picture on every node.
"""
