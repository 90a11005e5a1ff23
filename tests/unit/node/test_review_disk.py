"""With a full disk a node receipts nothing, rings, and still presents FLASH."""

from clearline.model.alert import Ring, TroubleKind
from clearline.model.entry import Precedence, Stop
from clearline.node.inbound import Ticked
from clearline.node.ports import Commit, StoreFull
from clearline.node.state import Signing
from clearline.store.faults import Hooks
from tests.liar import Liar
from tests.town import SECOND, Town


class Full:
    """A disk that takes nothing while ``full``."""

    full = False

    def before(self, _n: int, commit: Commit) -> None:
        """Refuse every commit that would write."""
        if self.full and not commit.empty:
            raise StoreFull("no room")


def town() -> tuple[Town, Full]:
    made, disk = Town(("AAA", "BBB")), Full()
    made.nodes["AAA"].store.hooks = Hooks(before=disk.before)
    made.wait(SECOND)
    return made, disk


def test_stop_that_came_while_the_disk_was_full_goes_on_ringing() -> None:
    """What was presented without being kept must not fall silent because it was not kept."""
    here, disk = town()
    disk.full = True
    size = here.at("AAA").frontier(here.feed("AAA")).size
    liar = Liar(here, "BBB")
    ref = liar.write(Stop(), prec=Precedence.FLASH)
    done = liar.push("AAA")
    assert any(isinstance(intent, Ring) for intent in done.intents)
    for _ in range(5):
        here.wait(SECOND)
        here.take("AAA", Ticked())
    open_ = here.nodes["AAA"].state.book.open()
    assert any(a.trouble.kind is TroubleKind.STOP and a.trouble.about == (ref,) for a in open_)
    assert here.at("AAA").signing is Signing.DISK
    assert here.at("AAA").frontier(here.feed("AAA")).size == size


def test_stop_kept_once_there_is_room_rings_as_the_same_alert() -> None:
    """After the disk has room the peer sends again, and the same alert stands, once."""
    here, disk = town()
    disk.full = True
    liar = Liar(here, "BBB")
    ref = liar.write(Stop(), prec=Precedence.FLASH)
    liar.push("AAA")
    here.wait(SECOND)
    here.take("AAA", Ticked())
    disk.full = False
    here.nodes["AAA"].disk_has_room(here.now, bytes(32))
    liar.push("AAA")
    stops = [a for a in here.nodes["AAA"].state.book.open() if a.trouble.kind is TroubleKind.STOP]
    assert [a.trouble.about for a in stops] == [(ref,)]
    assert here.at("AAA").signing is Signing.READY
    assert here.at("AAA").picture.feed(here.feed("AAA")).seen[ref.feed].value() == ref.index + 1


def test_stop_that_was_not_kept_rings_as_often_as_one_that_was() -> None:
    """The ladder of what is only in memory goes on as that of what is kept."""
    counts = []
    for full in (False, True):
        here, disk = town()
        disk.full = full
        liar = Liar(here, "BBB")
        liar.write(Stop(), prec=Precedence.FLASH)
        liar.push("AAA")
        stop = next(
            alert.id
            for alert in here.nodes["AAA"].state.book.open()
            if alert.trouble.kind is TroubleKind.STOP
        )
        here.rung.clear()
        for _ in range(120):
            here.wait(SECOND)
            here.take("AAA", Ticked())
        rings = [
            one
            for party, one in here.rung
            if party == "AAA" and isinstance(one, Ring) and one.alert == stop
        ]
        counts.append(len(rings))
    assert counts[0] == counts[1] > 0
