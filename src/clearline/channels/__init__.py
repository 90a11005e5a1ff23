"""Ways to reach people, one file each, found by name and enabled in ``node.toml``.

The guarantee: a delivery ends within the channel's own time limit with ``Delivered`` or ``Failed``;
words of a peer are content and nothing else, never an argument, a header, an address or a name.
"""

from clearline.channels.kinds import ChannelKind, channel_names, open_channel

__all__ = ["ChannelKind", "channel_names", "open_channel"]
