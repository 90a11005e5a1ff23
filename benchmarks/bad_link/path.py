"""A bad path between two network namespaces: packets carried by hand between two TUN devices.

Each direction has its own rate, delay, loss and a bounded queue, as a modem has; all drawn from one
seed. It needs no ``tc netem``, which many kernels lack, and TCP sees real packets.
"""

import asyncio
import fcntl
import os
import random
import struct
import subprocess

TUNSETIFF = 0x400454CA
IFF_TUN_NO_PI = 0x1001
QUEUE_S = 1.0
"""What the modem holds: packets that would wait longer are dropped."""


class Way:
    """One direction."""

    def __init__(self, out: int, rate_bit_s: int, delay_s: float, loss: float, seed: int) -> None:
        self.out, self.rate, self.delay, self.loss = out, rate_bit_s, delay_s, loss
        self.draw = random.Random(seed)
        self.free_at = 0.0
        self.hole = False
        self.packets = self.lost = self.bytes = 0

    def take(self, packet: bytes) -> None:
        """A packet enters."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        self.packets += 1
        self.bytes += len(packet)
        starts = max(now, self.free_at)
        if self.hole or self.draw.random() < self.loss or starts - now > QUEUE_S:
            self.lost += 1
            return
        self.free_at = starts + len(packet) * 8 / self.rate
        loop.call_at(self.free_at + self.delay, self._leave, packet)

    def _leave(self, packet: bytes) -> None:
        if not self.hole:
            try:
                os.write(self.out, packet)
            except OSError:
                self.lost += 1


def run(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)


class BadPath:
    """Two namespaces, ``names``, at 10.99.0.1 and 10.99.0.2, and the path between them."""

    def __init__(
        self, *, rtt_s: float = 0.6, loss: float = 0.05, rate_bit_s: int = 64_000, seed: int = 1
    ) -> None:
        self.names = (f"clearline-a-{os.getpid()}", f"clearline-b-{os.getpid()}")
        self.hosts = ("10.99.0.1", "10.99.0.2")
        self.tuns: list[int] = []
        for n, (name, host) in enumerate(zip(self.names, self.hosts, strict=True)):
            run("ip", "netns", "add", name)
            tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
            self.tuns.append(tun)
            device = f"clbad{n}"
            fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH", device.encode(), IFF_TUN_NO_PI))
            run("ip", "link", "set", device, "netns", name)
            for words in (
                ("ip", "addr", "add", f"{host}/24", "dev", device),
                ("ip", "link", "set", device, "mtu", "1400", "up"),
                ("ip", "link", "set", "lo", "up"),
            ):
                run("ip", "netns", "exec", name, *words)
        a, b = self.tuns
        self.ways = (
            Way(b, rate_bit_s, rtt_s / 2, loss, seed),
            Way(a, rate_bit_s, rtt_s / 2, loss, seed + 1),
        )

    def start(self) -> None:
        """Carry packets from now on."""
        loop = asyncio.get_running_loop()
        for tun, way in zip(self.tuns, self.ways, strict=True):
            loop.add_reader(tun, self._read, tun, way)

    def _read(self, tun: int, way: Way) -> None:
        for _ in range(64):
            try:
                packet = os.read(tun, 2048)
            except OSError:
                return
            way.take(packet)

    def hole(self, on: bool) -> None:
        """Swallow everything, also what is on its way."""
        for way in self.ways:
            way.hole = on

    @property
    def bytes(self) -> int:
        """IP bytes that entered, both ways."""
        return sum(way.bytes for way in self.ways)

    def close(self) -> None:
        """Take it down."""
        for tun in self.tuns:
            asyncio.get_running_loop().remove_reader(tun)
            os.close(tun)
        for name in self.names:
            run("ip", "netns", "del", name)
