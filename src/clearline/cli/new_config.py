"""The node.toml that a new node is given: every table, commented, with what most change."""

from typing import Final


def template(*, party: str, roles: tuple[str, ...], api: str, listen: str | None) -> str:
    """A new node.toml, commented."""
    link = f'listen = "{listen}"' if listen else '# listen = "0.0.0.0:7443"'
    tables = "\n".join(
        f'[[roles]]\nrole = "{role}"\nchannels = ["desk"]\nat_once = 1\n' for role in roles
    )
    return _TEMPLATE.format(party=party, link=link, api=api, roles=tables)


_TEMPLATE: Final = """\
# One node of one party. Paths are relative to this file's folder. An unknown key is an error.

[party]
folder = "{party}"          # card, chain and node keys; the root key need not be here

[store]
database = "clearline.db"
highwater = "highwater"     # keep it out of backups and restores: it shows that a copy is old
lease = "clearline.lease"
snapshot_every_min = 60

# --- The line to the other nodes. One end that listens is enough. ---------------------------------

[link]
{link}

[link.peers]
# BRAVO = "node.bravo.example:7443"

# --- The API for this party's own people and tools, never for peers -------------------------------

[api]
bind = "{api}"              # beyond this machine: certificate and key, or plain_http = true
tokens = "tokens.json"      # people and roles; tokens are kept as SHA-256 only
# hosts = ["node.local"]    # names under which browsers call the console, beside addresses

# --- How places and times are shown; on the wire there is one form only ---------------------------

[notation]
write = "dms"               # or decimal, ddm, mgrs
# zone = "Asia/Damascus"    # local time, beside Z
# places = "places.toml"    # names with where they are, to hold labels against

# --- Who is reached how: the agreement names roles, who holds one is told here --------------------

{roles}
# --- Several desks: each hears its roles and lines; one for exercises hears no other --------------

# [[desks]]
# name = "north"              # clearline watch --desk north
# roles = ["watch-officer"]
# lines = ["9c0f"]            # the start of a line's name
# exercise = false

# --- Live tracks: they raise alarms here, and are never sent --------------------------------------

# [live]
# lateral_m = 5556            # an own mover and a track closer than both minima: 3 NM and 1000 ft
# vertical_m = 304.8
# look_ahead_s = 300
# off_route_m = 500
# drop_s = 60                 # a track that was not seen for so long is gone
# tell_off_route_by = ""      # who has ordered that the node tells the line by itself

# [tracks.radar]
# kind = "udp"                # or tcp: lines of JSON; file: lines that are written to its end
# listen = "127.0.0.1:30100"
# alt_ref = "AMSL"            # of heights that do not say so

# [tracks.adsb]
# kind = "readsb"
# url = "http://127.0.0.1:8080/data/aircraft.json"

[channels.desk]
kind = "desk"

# [channels.pager]
# kind = "webhook"
# url = "https://pager.example/clearline"
# secret_files = ["pager.secret"]

# [channels.mail]
# kind = "smtp"
# host = "mail.example"
# sender = "clearline@example.org"
# to = ["watch@example.org"]

# [channels.siren]
# kind = "command"
# enabled = true            # running a program is off unless this is said
# argv = ["/usr/local/bin/siren"]
"""
