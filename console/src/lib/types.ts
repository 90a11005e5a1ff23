// Made by tools/make_console_types.py from the records behind the API. Do not edit.
// Times are milliseconds since 1970-01-01T00:00:00Z, places 1e-7 degrees WGS 84, heights and
// lengths millimetres, unless a field's name says otherwise.
/* eslint-disable */


/** Take up what an answer proposes: one's own version is amended so, in one action. */
export type Accept = {
  answer: EntryRef;
  id?: string | null;
  role?: string | null;
  precedence?: Precedence | null;
};

/** Something unplanned of the author's may hurt others: volumes where known. */
export type Accident = {
  what: string;
  volumes?: Volume[];
  remark?: FreeText | null;
};

/** What can be done through the API. */
export type Action = "read" | "desk" | "check" | "file" | "seal" | "acknowledge" | "answer" | "coordinate" | "message" | "emergency" | "relay" | "suspend" | "leave" | "test" | "handover" | "movers" | "tracks" | "note" | "record" | "terms";

/** The whole terms of a line, one version. ``read_back_mm``: a place that is read back may lie so far off, beyond its own digits (FM04). ``distress_radius_mm``: kept clear about a place of distress that nobody gave a size (FM19). ``text_check_ms``: how often a person sends a text over the line, absent: never (FM12). ``line`` is empty in version 1 (its own hash becomes the name) and present from version 2 on, as ``previous`` is. ``pairs`` covers every unordered pair of classes exactly once. */
export type Agreement = {
  v: number;
  title: string;
  version: number;
  effective: Instant;
  exercise: boolean;
  parties: PartyTerm[];
  represented: Represented[];
  area: Polygon | Disc | Corridor;
  classes: ClassTerm[];
  pairs: PairTerm[];
  deadlines: DeadlineTerm[];
  roles: string[];
  languages: string[];
  heartbeat_ms: Millis;
  down_after_ms: Millis;
  line_test_ms: Millis;
  clock_offset_max_ms: Millis;
  sightings_kept_ms: Millis;
  picture_stale_ms: Millis;
  levels: Levels;
  data: DataTerm[];
  protocol: string;
  rules: string;
  line?: LineId | null;
  previous?: Digest | null;
  read_back_mm?: number;
  distress_radius_mm?: number;
  text_check_ms?: Millis | null;
};

/** Ship-bridge convention; see ``clearline.alerting.lifecycle`` for the table. */
export type AlertState = "raised" | "escalated" | "acknowledged" | "answered" | "ended-unseen" | "closed";

/** Duties of one severity and role: of who took them, else of who was called last. ``count`` are all, ``taken`` those that somebody took or answered. The times are from the alarm to that moment: in the middle, of nine in ten, the longest; by nearest rank, so that each is one that was measured; None where nobody has taken any. ``unanswered`` wait still (or their trouble went and nobody has seen it), ``waiting_ms`` is for how long the oldest of them has. */
export type AlertTimes = {
  severity: Severity;
  role: string;
  count: number;
  taken: number;
  median_ms: Millis | null;
  most_ms: Millis | null;
  worst_ms: Millis | null;
  unanswered: number;
  waiting_ms: Millis | null;
};

/** A duty with its ladder. ``sounding``: it rings now, unless its desk is disarmed. ``desks``: those that hear what is of its line, exercise or real; none named: all. */
export type AlertView = {
  id: string;
  line: LineId;
  kind: TroubleKind;
  severity: Severity;
  precedence: Precedence;
  state: AlertState;
  exercise: boolean;
  peer: PartyId | null;
  about: EntryRef[];
  params: Record<string, string | number | EntryRef>;
  needs_answer: boolean;
  since: Instant;
  raised: Instant;
  due: Instant | null;
  count: number;
  sounding: boolean;
  desks: string[];
  rings: number;
  ladder: RungView[];
  next_role: string | null;
  next_at: Instant | null;
  taken_by: string | null;
  taken_role: string | null;
  taken_at: Instant | null;
  taken_note: string | null;
  answer: EntryRef | null;
  reply: Reply | null;
  presented: Instant | null;
  presented_on: string | null;
  silenced_until: Instant | null;
  silenced_by: string | null;
  silence_reason: string | null;
  ended: Instant | null;
  followed_by: string | null;
  badges: Badge[];
  words: string;
};

/** An alert rang (``ring``) or changed. */
export type Alerted = {
  ring: boolean;
  alert: AlertView;
};

/** Ends the named versions' hazards, tail included, at the stated time. */
export type AllClear = {
  versions: EntryRef[];
  at: Instant;
};

/** A new version of one's own notice. The earlier one stays live until ``withdraw`` names it. */
export type Amend = {
  notice: EntryRef;
  to: Notice;
};

/** What a role at the addressee's desk says to exactly one version (or message, stop, ...). */
export type Answer = {
  to: EntryRef;
  reply: Reply;
  role: string;
  minutes_needed?: number | null;
  proposal?: Proposal | null;
  read_back?: ReadBack | null;
  remark?: FreeText | null;
};

/** What a role of a party said to exactly one version (or message, STOP, ...). ``read_back_agrees``: whether the values read back are those of the notice; None where there are none, or where it cannot be said. */
export type AnswerView = {
  party: PartyId;
  ref: EntryRef;
  to: EntryRef;
  t: Instant;
  reply: Reply;
  role: string;
  minutes_needed: number | null;
  proposal: Proposal | null;
  read_back: ReadBack | null;
  read_back_agrees: boolean | null;
  remark: string | null;
  words: string;
};

/** Something on the line that asks people for an answer: message, test, STOP, DISTRESS, ... ``text`` is a message's template and ``words`` what it says; a message that the reader's catalogue does not know is not ``known`` and is shown as it came. ``remark`` stands in its author's language. ``echo``: all messages that lead to one origin with it, itself included; they count once (FM22), and ``echo_words`` says so. */
export type AskView = {
  ref: EntryRef;
  party: PartyId;
  kind: Kind;
  t: Instant;
  precedence: Precedence;
  text: string;
  fields: Field[];
  remark: FreeText | null;
  about: EntryRef[];
  to: PartyId[];
  known: boolean;
  words: string;
  answers: AnswerView[];
  unanswered: PartyId[];
  echo: EntryRef[];
  echo_words: string;
};

/** The same of messages, tests, STOP, DISTRESS, ACCIDENT. Their order: the newest ``t`` first, then by place. */
export type AsksPart = {
  changed: AskView[];
  gone: EntryRef[];
};

/** A document by its digest; it travels beside the feed, in pieces. */
export type Attachment = {
  sha256: Digest;
  size: number;
  media: string;
};

/** What must be seen beside a thing at one glance. */
export type Badge = "LATE" | "NOT TOLD" | "NO ANSWER" | "PENDING" | "UNDETERMINED" | "CONFLICT" | "ENDED BY TIME, NOT CONFIRMED" | "UNCONFIRMED" | "COULD NOT READ" | "EXPOSED" | "EXERCISE";

/** Notices, amends and withdrawals in one go: all or nothing, one turn. */
export type Batch = {
  notices?: Notice[];
  amends?: Amend[];
  withdraws?: Withdraw[];
  id?: string | null;
  role?: string | null;
  precedence?: Precedence | null;
};

/** The stream is alive: the node's time, and where the stream stands. An event, since a comment cannot be seen by what reads event streams in a browser. */
export type Beat = {
  now: Instant;
  position: string;
};

/** One of our own movers and the track that it is seen as: ``SOURCE/ID``, or an id in whatever source. ``notice``: what it was notified by, beside which it is held. */
export type Binding = {
  call_sign: string;
  track: string;
  notice?: EntryRef | null;
};

/** Which track an own mover is seen as; ``gone`` takes bindings away. */
export type BindingFixes = {
  bindings?: Binding[];
  gone?: string[];
  id?: string | null;
};

/** One blank of a template. ``unit``, ``low`` and ``high`` belong to numbers, ``choices`` to a closed choice. */
export type Blank = {
  name: string;
  kind: string;
  required: boolean;
  unit: string;
  low: number;
  high: number;
  choices: string[];
};

/** Everything that the desk of one watch must see at once, made at one moment. */
export type BoardView = {
  node: NodeView;
  alerts: AlertView[];
  conflicts: ConflictView[];
  notices: NoticeView[];
  event: string;
};

/** One line of a script. ``part``: open, fact, ask, read-back, close. ``texts``: a sentence or a label in each language; ``value``: the fact beside a label, the same in all; ``spoken``: how it is said, digit by digit ("": as written). ``volume``: of which one, 0: of none. */
export type CallLine = {
  part: string;
  name: string;
  texts: CallText[];
  value: string;
  spoken: string;
  volume: number;
};

/** What to say about one entry. ``read_back`` says what must come back from the other end. */
export type CallScriptView = {
  ref: EntryRef;
  party: PartyId;
  exercise: boolean;
  languages: string[];
  lines: CallLine[];
};

/** A sentence in one language, and whether somebody has reviewed it as it stands. */
export type CallText = {
  lang: string;
  text: string;
  reviewed: boolean;
};

/** One way to a role of a party beside the line, as node.toml has it: a telephone number, a frequency, a radio net, as it is read out; the best first. */
export type CallWayView = {
  party: PartyId;
  role: string;
  way: string;
  note: string;
};

/** Lines to read again, and whether duties changed. */
export type Changed = {
  lines: LineId[];
  duties: boolean;
};

/** What a draft would meet. Nothing of it was stored and nothing has left this node. ``unlooked``: live notices that it was not compared with, soon after a start (CL-STA-008). */
export type CheckView = {
  as_of: Instant;
  verdict: Verdict;
  refusals: RefusalView[];
  warnings: RefusalView[];
  conflicts: ConflictView[];
  third_parties: ThirdView[];
  leads: LeadView[];
  reason_needed: boolean;
  words: string;
  unlooked: number;
};

/** An activity class: what it does, whether it is on the ground, its lead time and tail, and the size and length above which a reason must be given (FM28). ``reconfirm_ms``: how long a notice stands before its author must say again that it is still so (FM15). */
export type ClassTerm = {
  id: string;
  name: string;
  effect: Effect;
  on_ground: boolean;
  lead_min_ms: Millis;
  tail_ms: Millis;
  reason_above_km2?: number | null;
  reason_above_ms?: Millis | null;
  reconfirm_ms?: Millis | null;
};

/** A person has the next rung of one alert's ladder called now. */
export type Climbing = {
  id?: string | null;
  role?: string | null;
};

/** The closed list of ways to say no. The value is what stands on the wire. */
export type Code = "too-large" | "not-json" | "not-canonical" | "bad-field" | "unknown-field" | "missing-field" | "unknown-kind" | "unknown-version" | "number-range" | "bad-text" | "too-deep" | "too-many" | "bad-order" | "bad-message" | "truncated" | "foreign-line" | "foreign-feed" | "wrong-index" | "old-index" | "seen-decreased" | "seen-own-feed" | "unknown-party" | "not-joined" | "after-leave" | "bad-note" | "bad-checkpoint" | "bad-signature" | "bad-key" | "bad-proof" | "bad-root" | "bad-salt" | "rollback" | "fork" | "gap" | "unknown-key" | "key-ended" | "not-signed" | "bad-agreement" | "wrong-predecessor" | "not-yet-effective" | "bad-manifest" | "exercise-mixed" | "unknown-class" | "unknown-reference" | "not-own" | "not-live" | "no-geometry" | "bad-geometry" | "bad-height" | "bad-window" | "no-time-zone" | "outside-area" | "reason-needed" | "bad-answer" | "bad-template" | "seal-mismatch" | "outside-envelope" | "suspended" | "not-allowed" | "not-found" | "conflicting-request" | "rate" | "not-signing" | "loading" | "disk-full" | "stale" | "not-handed-over";

/** The short code of a page as somebody said it: TOLD or ANSWERED, by which means, when (None: now). */
export type CodeGiven = {
  of: EntryRef;
  to: PartyId;
  code: string;
  means: string;
  outcome?: RelayOutcome;
  at?: Instant | null;
  remark?: FreeText | null;
  role?: string | null;
};

/** Two live versions that cannot be kept apart, and why. Bounds in metres and seconds; None where the dimension was not looked at. ``a`` is our own version if one of them is. */
export type ConflictView = {
  a: EntryRef;
  b: EntryRef;
  a_label: string;
  b_label: string;
  a_party: PartyId;
  b_party: PartyId;
  verdict: Verdict;
  clause: string;
  decided_by: string;
  lateral_m: Range | null;
  vertical_m: Range | null;
  time_s: Range | null;
  overlap_start: Instant | null;
  overlap_end: Instant | null;
  references: string[];
  settles: string | null;
  coordinated_until: Instant | null;
  standing_measure: string | null;
  standing_until: Instant | null;
  a_knew: boolean;
  b_knew: boolean;
  words: string;
};

/** The same of pairs that are not apart. Their order: YES before UNDETERMINED, then the start of the overlap (0 where there is none), then the places of ``a`` and ``b``. */
export type ConflictsPart = {
  changed: ConflictView[];
  gone: [EntryRef, EntryRef][];
};

/** One side's word under which measure an overlap is dealt with, until a time: of exactly this pair of versions, or, standing, of whatever of the two parties lies within one area and one operational period. One of ``pair`` and ``standing``. */
export type Coordinated = {
  measure: string;
  until: Instant;
  pair?: [EntryRef, EntryRef] | null;
  standing?: StandingArea | null;
};

/** All points within ``half_width_mm`` of an open chain of edges. */
export type Corridor = {
  shape: "corridor";
  line: LatLon[];
  half_width_mm: number;
  edge: Edge;
};

/** DISTRESS from as little as is known: one of our own movers by its call sign, or where; of a place with several meanings all. ``everywhere``: the place is not known, so that the whole agreed area is to be kept clear. The node makes the volume. */
export type Cry = {
  what?: string;
  mover?: string;
  at?: LatLon[];
  everywhere?: boolean;
  souls?: number | null;
  id?: string | null;
  role?: string | null;
};

/** Data that judging may use, by hash: other data than this never touches standing. */
export type DataTerm = {
  name: string;
  sha256: Digest;
};

/** For one precedence: when receipt and answer are due, how often to ring again, the ladder. */
export type DeadlineTerm = {
  precedence: Precedence;
  receipt_ms: Millis;
  answer_ms: Millis;
  repeat_ms: Millis;
  ladder: Rung[];
};

/** One record of the private desk record, with its place and leaf hash. */
export type DeskNote = {
  index: number;
  leaf: string;
  record: unknown;
};

export type Digest = string;

/** All points within ``radius_mm`` of the centre, along the geodesic. */
export type Disc = {
  shape: "disc";
  centre: LatLon;
  radius_mm: number;
};

/** Somebody is in danger here: the volumes are to be kept clear for search and rescue. */
export type Distress = {
  what: string;
  volumes: Volume[];
  souls?: number | null;
  remark?: FreeText | null;
};

/** A signed document of a line by kind and digest. */
export type DocumentView = {
  kind: string;
  sha256: string;
  size: number;
};

/** Signed documents of the line (terms, manifests), as text. */
export type Documents = {
  documents: string[];
};

/** Notices that are not filed: judged against the picture, on this node alone. ``amends``: the version of ours that they would follow; they are not held against versions of the same notice, which never meet each other (CL-STA-004). */
export type Draft = {
  notices: Notice[];
  amends?: EntryRef | null;
};

/** What has changed of the open duties since ``after``. ``whole``: these are all that are shown, and what was held before counts for nothing. ``gone``: closed, or no more among the loudest. ``total``: how many are open; ``left``: those that are not shown, by what they are, which GET /v1/alerts gives one by one. ``as_of``: when it was looked at. */
export type DutiesView = {
  position: string;
  whole: boolean;
  as_of: Instant;
  changed: AlertView[];
  gone: string[];
  total: number;
  left: DutyGroup[];
};

/** Open duties of one kind. ``ringing``: those of them that nobody has in hand. */
export type DutyGroup = {
  line: LineId;
  severity: Severity;
  kind: TroubleKind;
  count: number;
  ringing: number;
};

/** What an edge between two stated points means; it outweighs every numerical error. */
export type Edge = "geodesic" | "lonlat" | "rhumb";

/** What a class of notices does to others. */
export type Effect = "hazard" | "keep-clear" | "movement";

/** One entry by its place. On the wire: ["ISR.0", 12]. A version of a notice is named by the entry that stated it, a notice by the entry of its first version. */
export type EntryRef = [feed: FeedId, index: number];

/** How what was opened lies in the envelope that was given before: YES surely within, NO surely not. ``outside``: time, vertical, lateral, class, ended; by how much, in seconds and metres. */
export type EnvelopeView = {
  envelope: EntryRef;
  verdict: Verdict;
  outside: string[];
  time_s: Range | null;
  vertical_m: Range | null;
  lateral_m: Range | null;
  settles: string | null;
  words: string;
};

/** A person's word that the own feed may be signed again, all having stated what they hold. */
export type Epoch = {
  confirm: PartyId;
  id?: string | null;
};

/** One event. ``t`` None: no time is published. ``t_max``: it lies between ``t`` and this. ``t_min``: an act that is known within bounds only, played at the latest, ``t``. */
export type Event = {
  t: string | null;
  by: string;
  kind: string;
  text: string;
  layer: Layer;
  t_max?: string | null;
  t_min?: string | null;
  id?: string | null;
  about?: string | null;
  party?: string | null;
  evidence?: string | null;
  source?: string | null;
  stated_on?: string | null;
  disputed_by?: string[];
  basis?: string[];
  code?: string | null;
  clause?: string | null;
  alert?: string | null;
  severity?: string | null;
  role?: string | null;
  reply?: string | null;
  standing?: string | null;
  pending_on?: string[];
  phase?: string | null;
  verdict?: string | null;
  lead_time_s?: number | null;
  lead_time_s_max?: number | null;
  lead_minimum_s?: number | null;
  shortfall_s?: number | null;
  call_sign?: string | null;
  minutes_needed?: number | null;
  minutes_needed_max?: number | null;
  minutes_left?: number | null;
  suggested?: string | null;
  not_told?: number | null;
  not_told_parties?: string[];
  line_s?: number | null;
  then_min?: number | null;
  gain_min?: number | null;
  failed?: string | null;
  does?: string | null;
  gain?: string | null;
  distance_m?: number | null;
  met?: boolean | null;
};

/** What came of a bundle or a review. ``exit`` as the command has it: 0 whole and consistent, 1 something is wrong or differs, 3 nothing does but parts are withheld or were not held. ``result``: the command's own JSON; ``page``: the same to print, as HTML that runs nothing. */
export type EvidenceView = {
  exit: number;
  result: unknown;
  page: string;
};

/** Own movers inside; not ``known`` without mover data. ``hold_minutes``: until all are out. */
export type ExposureView = {
  known: boolean;
  movers: MoverView[];
  minutes_needed: number | null;
  suggested: Reply | null;
  words: string;
  hold_minutes: number | null;
};

/** What became of what was fed: how many by what, and what was refused. */
export type FedView = {
  as_of: Instant;
  took: Record<string, number>;
  refused: RefusedView[];
};

export type FeedId = string;

/** One filled blank of a message template. */
export type Field = {
  name: string;
  value: string | number;
};

/** What came of a write: the entries, the notices as they now stand, the conflicts known at this moment, and who must still be told. */
export type FiledView = {
  id: string;
  refs: EntryRef[];
  as_of: Instant;
  notices: NoticeView[];
  conflicts: ConflictView[];
  warnings: RefusalView[];
  words: string;
};

/** What stands, on which line, in words. */
export type FindingView = {
  line: LineId;
  finding: LiveFinding;
  words: string;
};

/** How the text was recognised. */
export type Form = "coordinates" | "geojson" | "kml" | "notam" | "aco" | "unknown";

/** Words in their original language (BCP 47 tag); a translation is the reader's, and marked. */
export type FreeText = {
  lang: string;
  text: string;
};

/** Who has a watch gives it, to one person (``to``) or to whoever holds the role. */
export type Give = {
  to?: string;
  id?: string | null;
  role?: string | null;
};

/** How far it has come. A change of grade is a turn of its own. */
export type Grade = "open" | "ahead" | "now";

/** Bounds of the ground's height above the ellipsoid over the footprint, and who states them. */
export type Ground = {
  low_mm: number;
  high_mm: number;
  by: string;
};

/** What the next watch must touch, and what waits to be taken. ``last``: the role that passed last on this line, and when. ``watch``: what came about since then; None while the record is being read. */
export type HandoverView = {
  items: OpenItem[];
  given: OfferView[];
  last: [string, Instant] | null;
  watch: WatchView | null;
  as_of: Instant;
};

/** How far this node holds a feed without a gap: what ``rekey`` and ``epoch`` are told of it. ``root``: the RFC 6962 root over its first ``size`` entries, 64 hex digits. */
export type HeadView = {
  feed: FeedId;
  size: number;
  root: string;
};

/** That the node runs, and nothing else: this needs no token. */
export type Health = {
  status: string;
};

/** A height with its reference; ``mm`` is present for W84, AMSL, AGL and FL and only for them; ``ground`` only for AGL and SFC, ``qnh`` only for FL. */
export type Height = {
  ref: HeightRef;
  mm?: number | null;
  ground?: Ground | null;
  qnh?: Qnh | null;
};

/** How height counts between two classes. */
export type HeightMode = "separate" | "surface" | "ignore";

/** What a height is measured from. SFC and UNL carry no number. */
export type HeightRef = "W84" | "AMSL" | "AGL" | "FL" | "SFC" | "UNL";

/** Sent first: where the stream stands, and what there is to read. */
export type Hello = {
  position: string;
  now: Instant;
  lines: LineId[];
  desk: string | null;
  beat_ms: number;
};

export type Instant = number;

/** What an entry is. */
export type Kind = "join" | "adopt" | "notice" | "amend" | "withdraw" | "all-clear" | "receipt" | "answer" | "coordinated" | "message" | "stop" | "distress" | "accident" | "relay" | "relayed" | "heartbeat" | "test" | "suspend" | "resume" | "handover" | "seal" | "open" | "rekey" | "leave";

/** A point, WGS 84. On the wire: [lat_e7, lon_e7]. -90e7..90e7 and -180e7..180e7. */
export type LatLon = [lat_e7: number, lon_e7: number];

/** Where an event comes from: they are never mixed. */
export type Layer = "claim" | "assumed" | "play" | "line" | "result";

/** Lead time at one receiver, by its clock; the worst case decides. Both ends read the same. ``provisional``: not receipted yet, as if it were received now. */
export type LeadView = {
  party: PartyId;
  worst_ms: number;
  best_ms: number | null;
  minimum_ms: number;
  shortfall_ms: number;
  provisional: boolean;
  words: string;
};

/** The last entry of a party on a line. */
export type Leave = {
  reason: string;
};

/** The range of sea-level pressure that flight levels are judged with when no QNH is notified, and a margin for temperature as parts per thousand of the height. */
export type Levels = {
  qnh_low_pa?: number;
  qnh_high_pa?: number;
  temperature_permille?: number;
};

export type LineId = string;

/** One line as this node holds it. ``signing`` is ``ready`` or why nothing can be filed. ``heads``: size and root of every feed held, own ones too, by name. ``waits``: on whom it waits before all have joined and adopted the newest terms. ``manifest``: serial of our newest manifest that the line holds; ``rekeyed``: of the one under which our record is written. ``loading``: per cent of the record that have been read after a start; None once it is read. Until then ``live`` and ``conflicts`` are None, ``rekeyed`` is 0, nothing is known of suspensions and tests, and of the peers only the link. */
export type LineView = {
  line: LineId;
  title: string;
  me: PartyId;
  feed: FeedId;
  exercise: boolean;
  terms: number;
  terms_waiting: number[];
  joined: boolean;
  signing: string;
  manifest: number;
  rekeyed: number;
  entries: number;
  live: number | null;
  conflicts: number | null;
  heads: HeadView[];
  peers: PeerView[];
  suspended: SuspensionView[];
  waits: WaitView[];
  next_test: Instant | null;
  as_of: Instant;
  words: string;
  loading: number | null;
};

/** State of the line to a peer as this node measures it. */
export type LinkState = "UP" | "DEGRADED" | "DOWN";

/** What can be found. */
export type Live = "near" | "hazard" | "off-route" | "inside" | "lost" | "source";

/** One finding. ``tracks`` by their names, an own one first; ``call_sign`` of the own mover, or the track's id; ``ref`` the version that it is about; ``figures`` whole seconds, metres and minutes; ``words``: names and reasons. ``at`` and ``place``: where and when the first track was seen last. */
export type LiveFinding = {
  key: string;
  kind: Live;
  grade: Grade;
  since: Instant;
  tracks: string[];
  call_sign: string;
  ref: EntryRef | null;
  figures: Record<string, number>;
  words: Record<string, string>;
  at: Instant | null;
  place: LatLon | null;
};

/** Everything of one moment. ``units``: pairs that the last evaluation looked at exactly. */
export type LiveView = {
  as_of: Instant;
  tracks: number;
  units: number;
  sources: SourceView[];
  findings: FindingView[];
  bindings: Binding[];
  shown: TrackView[];
};

/** Who the token says that one is. ``duty``: the role on the line that one speaks in. */
export type MeView = {
  person: string;
  role: string;
  duty: string;
  duties: string[];
  actions: string[];
};

/** One meaning of a text, written in every notation. ``cell_mm``: the text names a square, and none of its points is farther from ``at``; ``step_mm``: half of its last digit. */
export type MeaningView = {
  at: LatLon;
  read_as: Notation;
  cell_mm: number;
  step_mm: number;
  swapped: boolean;
  dms: string;
  ddm: string;
  decimal: string;
  mgrs: string;
};

/** A closed template by id with its fields; free text only as an original. */
export type Message = {
  template: string;
  fields?: Field[];
  to?: PartyId[];
  remark?: FreeText | null;
  attachments?: Attachment[];
};

export type Millis = number;

/** As of when the standings of one party's notices are known here, and by which entry of its (None: by all that this node holds). Put it into every standing of that party's notices, and its time as ``18:41Z`` for each U+E000 in their words and in those of the notice. */
export type MomentView = {
  party: PartyId;
  as_of: Instant;
  proved_by: EntryRef | null;
};

/** One of our own movers as somebody last knew it; local, never sent. */
export type Mover = {
  call_sign: string;
  position: LatLon;
  height_mm: number | null;
  speed_mms: number;
  as_of: Instant;
  cls: string;
};

/** One of our own movers as last known. Height in mm above the ellipsoid where known, speed in mm/s over the ground; ``cls`` is the class that it would be filed under. */
export type MoverFix = {
  call_sign: string;
  position: LatLon;
  speed_mms: number;
  as_of: Instant;
  cls: string;
  height_mm?: number | null;
};

/** Own movers; each replaces that of the same call sign, ``gone`` takes some away. */
export type MoverFixes = {
  movers?: MoverFix[];
  gone?: string[];
  id?: string | null;
};

/** An own mover as its party's desk knows it, within ``accuracy_m``, from ``since`` on. */
export type MoverShown = {
  call_sign: string;
  by: PartyId;
  at: LatLon;
  accuracy_m: number;
  speed_mms: number;
  since: Instant;
};

/** An own mover inside a hazard: minutes to be out, minutes left until it starts. */
export type MoverView = {
  call_sign: string;
  minutes_needed: number;
  minutes_left: number;
  distance_m: number;
  in_time: boolean;
  words: string;
};

/** A place as the deployment names it: all within ``radius_mm`` of ``at`` (WGS 84) may bear the names. They come in the order of the file, in whatever languages stand in it: the first is to be shown, none is translated or added. ``kind``: None where the file gives none. */
export type NamedPlaceView = {
  names: string[];
  at: LatLon;
  radius_mm: number;
  own: boolean;
  kind: PlaceKind | null;
};

/** What somebody still has to say before there is a volume. */
export type Need = "sort" | "width";

/** A password to sign in with from now on. ``current``: the one before, needed unless one has just signed in by a link, or has none. */
export type NewPassword = {
  password: string;
  current?: string | null;
};

/** The node as a whole. */
export type NodeView = {
  party: PartyId;
  software: string;
  rules: string;
  now: Instant;
  clock_set_by_ms: number;
  journal: number;
  lines: LineView[];
  faults: [string, Instant, string][];
  ringing: number;
  open_duties: number;
};

/** How a place is written. */
export type Notation = "decimal" | "ddm" | "dms" | "dotted" | "mgrs";

/** An activity: class, ordered volumes each with its own window, label (a name is only a label). ``operation`` names one operation of the author's whose notices are not judged against each other. ``reason`` is needed for closures over the agreed size or length. ``marks`` are closed words for what changes recognition: escort, transponder-off, unmarked, ... */
export type Notice = {
  cls: string;
  label: string;
  volumes: Volume[];
  operation?: string | null;
  reason?: string | null;
  marks?: string[];
  remark?: FreeText | null;
  key?: string | null;
};

/** One version of a notice, with all that must be seen beside it. */
export type NoticeView = {
  ref: EntryRef;
  notice: EntryRef;
  party: PartyId;
  own: boolean;
  kind: Kind;
  cls: string;
  cls_name: string;
  effect: Effect | null;
  label: string;
  precedence: Precedence;
  stated: Instant;
  arrived: Instant | null;
  start: Instant | null;
  end: Instant | null;
  over: Instant | null;
  confirm_by: Instant | null;
  phase: Phase;
  ended_by: EntryRef[];
  newest: EntryRef;
  standing: StandingView | null;
  conflicts: EntryRef[];
  third_parties: ThirdView[];
  leads: LeadView[];
  answers: AnswerView[];
  unanswered: PartyId[];
  exposure: ExposureView | null;
  envelope: EnvelopeView | null;
  badges: Badge[];
  operation: string | null;
  marks: string[];
  key: string | null;
  reason: string | null;
  remark: FreeText | null;
  volumes: Volume[];
  look_again: string[];
  words: string;
  reactions: ReactionView[];
};

/** Live notices that are new or changed, and those that are not live any more. In a whole answer: all of them. Their order is that of their places, ``ref``. */
export type NoticesPart = {
  changed: NoticeView[];
  gone: EntryRef[];
};

/** A watch that was given and not taken. ``to``: the person whom it was given to, or empty for whoever holds the role. It lapses at ``until``; until it is taken, ``by`` has the watch. */
export type OfferView = {
  role: string;
  by: string;
  to: string;
  at: Instant;
  until: Instant;
};

/** Opens a seal: a new version. ``envelope`` is the coarse notice that it must lie inside. */
export type Open = {
  seal: EntryRef;
  salt: string;
  to: Notice;
  envelope?: EntryRef | null;
};

/** One thing that the next watch must know of: ``id`` is what is touched. ``due``: when an answer or an act is due by the agreement, while it is. */
export type OpenItem = {
  id: string;
  words: string;
  due: Instant | null;
};

/** A seal is opened. ``mismatch_known``: why by something else than was sealed, on purpose; it stays in the private desk record, and the others are rung all the same. */
export type Opening = {
  body: Open;
  id?: string | null;
  role?: string | null;
  precedence?: Precedence | null;
  mismatch_known?: string;
};

/** One page for a represented party about an entry. ``base``: where the link to the page begins, such as https://relay.example; "" for a page without a link. ``contact``: how the reader reaches the sender. ``zone``: IANA zone of the local time beside Z, "" for none. ``languages``: beside English. */
export type PageAsk = {
  of: EntryRef;
  to: PartyId;
  base?: string;
  contact?: string;
  zone?: string;
  languages?: string[];
  role?: string | null;
};

/** A page for a party without a node. ``phone``: the code to be said, for one use until ``phone_until``; ``link``: "" where no address was given. Neither is kept, only digests. */
export type PageView = {
  page: string;
  of: EntryRef;
  to: PartyId;
  made: Instant;
  phone: string;
  phone_until: Instant;
  link: string;
  link_until: Instant;
  html: string;
  text: string;
};

/** How two classes are kept apart; ``a`` <= ``b`` in code point order. */
export type PairTerm = {
  a: string;
  b: string;
  height: HeightMode;
  lateral_mm: number;
  vertical_mm: number;
  time_ms: Millis;
};

export type PartyId = string;

/** Who has a part in it; ``on_line``: its node is played. */
export type PartyShown = {
  id: PartyId;
  name: string;
  on_line: boolean;
};

/** A member: its root key as 64 hex digits of the raw Ed25519 key. */
export type PartyTerm = {
  id: PartyId;
  name: string;
  root_key: string;
};

/** One peer at this end: the link by the age of its last round trip, clocks, record, terms. ``clock_offset_ms`` is its clock minus ours, within ``clock_uncertainty_ms``; ``newest`` is the newest entry of its that is held, which is a receipt for all that it has seen. */
export type PeerView = {
  party: PartyId;
  name: string;
  state: LinkState;
  since: Instant;
  connected: boolean;
  age_ms: number;
  round_trip: Instant | null;
  rtt_ms: number | null;
  clock_offset_ms: number | null;
  clock_uncertainty_ms: number | null;
  terms_adopted: number;
  newest: EntryRef | null;
  newest_at: Instant | null;
  joined: boolean;
  left: boolean;
  forked: boolean;
  says_of_us: LinkState | null;
  words: string;
};

/** Where a version is in its time. The clock ends nothing: ENDED-BY-TIME is not confirmed. */
export type Phase = "NOT-BEGUN" | "ACTIVE" | "TAIL" | "OVER" | "ENDED-BY-TIME" | "ALL-CLEAR" | "WITHDRAWN" | "UNREADABLE";

/** A place as somebody wrote it. ``notation``: what he says that it is written in. */
export type PlaceAsk = {
  text: string;
  notation?: Notation | null;
};

/** What a place is, where a closure that takes it in should say so. */
export type PlaceKind = "aerodrome" | "hospital" | "school" | "camp" | "infrastructure";

/** A place of the scenario, known to lie within ``accuracy_m``, by which evidence. */
export type PlaceShown = {
  id: string;
  at: LatLon;
  accuracy_m: number;
  evidence: string;
  note: string;
};

/** Every meaning of a text; more than one is a question, which nobody answers but its author. */
export type PlaceView = {
  text: string;
  meanings: MeaningView[];
  apart_mm: number;
  question: RefusalView | null;
};

/** A ring (first point not repeated at the end), with holes; of the two areas the smaller. */
export type Polygon = {
  shape: "polygon";
  outer: LatLon[];
  edge: Edge;
  holes?: LatLon[][];
};

/** Order of handling (ACP 121 prosigns). */
export type Precedence = "Z" | "O" | "P" | "R";

/** RFC 9457 with the refusal's own parts. ``pointer`` is a JSON pointer into the request. */
export type Problem = {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: Code;
  clause: string;
  pointer: string;
  params: Record<string, string | number>;
};

/** A way out: shift in minutes, another band of heights, or other volumes; at least one. */
export type Proposal = {
  shift_min?: number | null;
  lower?: Height | null;
  upper?: Height | null;
  volumes?: Volume[];
};

/** A notified altimeter setting with its tolerance, in pascals. */
export type Qnh = {
  pa: number;
  tolerance_pa: number;
  by: string;
};

/** A person silences one alert until a time, for a reason. */
export type Quiet = {
  until: Instant;
  reason: string;
  id?: string | null;
  role?: string | null;
};

/** A closed interval that holds the true value; None: without bound on that side. */
export type Range = {
  low: number | null;
  high: number | null;
};

/** The five facts for one addressee, each a time or None; ``read_back`` None: nothing was read back, or it cannot be compared. ``presented_known``: whether anybody could say so here. */
export type ReachView = {
  party: PartyId;
  recorded: Instant;
  stored: Instant | null;
  stored_by: EntryRef | null;
  presented_known: boolean;
  presented: Instant | null;
  answered: Instant | null;
  reply: Reply | null;
  read_back: boolean | null;
  words: [string, string, string, string, string];
};

/** What a represented party may do after a hazard, from one of its zones: from when until when, how far beyond the zone. ``own`` and ``movers``: what of ours is within. It is known to this node alone and never touches standing. */
export type ReactionView = {
  third: PartyId;
  name: string;
  zone: string;
  reach_m: number;
  start: Instant;
  until: Instant;
  own: EntryRef[];
  movers: string[];
  words: string;
};

/** Three short values as the receiver re-measured them: bearing (1e-3 degrees true) and distance (mm) from a point of its own to the middle of one of the notice's volumes, its upper limit, the start. The middle of a disc is its centre, of a corridor half of its length along, of a polygon the mean of its corners. Digits that are nought count as not said. */
export type ReadBack = {
  origin: LatLon;
  bearing_mdeg: number;
  distance_mm: number;
  upper: Height;
  start: Instant;
};

/** What one person has read of the others' items in a span of time. ``kinds``: how often each thing was asked for; ``items``: versions that were asked for one by one, ``more`` of them not named; ``of``: whose items were in the answers; ``recovered``: the node was killed before it was written, so that it may stand here twice. */
export type ReadView = {
  index: number;
  person: string;
  role: string;
  first: Instant;
  last: Instant;
  of: PartyId[];
  kinds: [string, number][];
  items: string[];
  more: number;
  recovered: boolean;
};

/** A refusal with its sentence; ``at`` is a JSON pointer into what was sent. */
export type RefusalView = {
  code: Code;
  clause: string;
  at: string;
  params: Record<string, string | number | EntryRef>;
  words: string;
};

/** A record that was no sighting: its place in what was sent, and why. */
export type RefusedView = {
  place: number;
  code: string;
  sentence: string;
};

/** The author takes on (or passes to the backup) telling a represented party of an entry. */
export type Relay = {
  of: EntryRef;
  to: PartyId;
};

/** How far a represented party has come. */
export type RelayOutcome = "TOLD" | "ANSWERED" | "NO-ANSWER";

/** What came of telling a represented party: by which means, when, the reply code's digest. */
export type Relayed = {
  of: EntryRef;
  to: PartyId;
  outcome: RelayOutcome;
  means: string;
  at: Instant;
  proof?: Digest | null;
  remark?: FreeText | null;
};

/** Something for the private desk record: signed in, telephoned, read, disarmed, ... */
export type Remark = {
  what: string;
  params?: Record<string, string | number>;
};

/** A scenario that can be looked at: public claims, and what the line would have said. */
export type ReplayListing = {
  id: string;
  title: string;
  about: string;
  variants: ReplayVariant[];
};

/** Whose account is played. */
export type ReplayVariant = {
  id: string;
  title: string;
};

/** Answers of a person in a role. HALTED and CANNOT answer a STOP. */
export type Reply = "ROGER" | "READ-BACK" | "WILCO" | "UNABLE" | "STANDBY" | "OBJECT" | "HALTED" | "CANNOT";

/** A third party without a node: TOLD, ANSWERED or NO ANSWER, never DECONFLICTED. */
export type Represented = {
  id: PartyId;
  name: string;
  can_do_harm: boolean;
  can_be_harmed: boolean;
  relay: PartyId;
  backup: PartyId;
  deadline_ms: Millis;
  zones: Zone[];
};

/** A gap that cannot be filled: read the board afresh and go on from ``position``. */
export type Reset = {
  position: string;
};

/** Ends the author's own suspension. */
export type Resume = {
  of: EntryRef;
};

/** What a person is on this node; the line's own roles are ``duties``. */
export type Role = "watch" | "planner" | "liaison" | "commander" | "investigator" | "administrator";

/** One rung of a ladder: a role's name and how long after the alarm it is called. */
export type Rung = {
  role: string;
  after_ms: Millis;
};

/** One rung of a ladder: who is called, when it is or was due, and whether it was reached. */
export type RungView = {
  role: string;
  at: Instant;
  reached: boolean;
  channels: string[];
};

/** Everything that the console keeps for one person; the node reads none of it. */
export type Saved = {
  views?: SavedView[];
  settings?: Record<string, string>;
};

/** A view under a name: the query of the page's address. */
export type SavedView = {
  name: string;
  query: string;
};

/** A commitment, SHA-256(salt || canonical notice), to be opened at ``opens``. No standing. */
export type Seal = {
  sha256: Digest;
  opens: Instant;
  envelope?: EntryRef | null;
};

/** A plan to be committed to, or with its ``salt`` one that was. */
export type SealAsk = {
  notice: Notice;
  salt?: string | null;
};

/** ``sha256`` is SHA-256(salt || canonical notice); ``salt`` is 64 hex digits. */
export type SealDigest = {
  salt: string;
  sha256: Digest;
};

/** A commitment without standing, and the entry that opened it. ``sha256``: what it commits to, by which its author finds the plan that it kept. */
export type SealView = {
  ref: EntryRef;
  party: PartyId;
  sha256: Digest;
  opens: Instant;
  opened: EntryRef | null;
  mismatched: boolean;
  envelope: EnvelopeView | null;
};

/** Who is signed in, what he may do, and until when at the latest if the page stays open no longer. ``needs_password``: he has none yet. ``cookie``: signed in on a page, not by a token. */
export type SessionView = {
  person: string;
  role: string;
  duties: string[];
  may: string[];
  until: Instant | null;
  needs_password: boolean;
  cookie: boolean;
};

/** How an alert sounds and sorts. UNDETERMINED ranks below YES. */
export type Severity = "emergency" | "alarm" | "warning" | "caution";

/** One shape. ``footprints`` is empty while something is needed; it is more than one where grid squares are the corners of an area: the area, and its outline as wide as the squares. ``cell_mm``: no stated point lies farther from what it names. ``heights``: what the text says of heights, as it stands; it is not taken over. */
export type Shape = {
  label: string;
  points: LatLon[];
  sort: Sort | null;
  footprints: (Polygon | Disc | Corridor)[];
  needs: Need[];
  edge: Edge;
  notation: Notation | null;
  cell_mm: number;
  heights: string[];
};

/** A text with places or shapes. ``sort``: what a list of points is; ``width_mm``: radius of discs, half width of corridors; ``edge``: of lists, which do not say. */
export type ShapeAsk = {
  text: string;
  sort?: Sort | null;
  width_mm?: number | null;
  notation?: Notation | null;
  edge?: Edge;
};

/** What an act states: a notice, or an emergency (``kind``), on the line from ``since`` until ``until`` (None: to the end). */
export type ShapeShown = {
  id: string;
  by: PartyId;
  kind: string;
  cls: string;
  label: string;
  volumes: Volume[];
  since: Instant;
  until: Instant | null;
};

/** What stands in a text: shapes, a question, and what cannot be drawn (CL-NTN-007). */
export type ShapesView = {
  form: Form;
  shapes: Shape[];
  question: PlaceView | null;
  undrawn: UndrawnView[];
};

/** A desk says that it shows an alert (R3). */
export type Shown = {
  desk: string;
};

/** What of a line has changed since ``after``. ``whole``: this is all of it, and what was held before counts for nothing. ``position`` is what to ask after the next time. ``as_of``: when the line was looked at. ``movers``, ``seals`` and ``standing`` (areas and periods that parties have signed a measure for): all of them, None where none of them changed. What was held, with this put in, is what the plain questions answer at ``as_of``; but a lead time that is not receipted yet is counted from the next whole minute. */
export type ShownView = {
  line: LineId;
  position: string;
  whole: boolean;
  as_of: Instant;
  moments: MomentView[];
  notices: NoticesPart;
  conflicts: ConflictsPart;
  asks: AsksPart;
  movers: Mover[] | null;
  seals: SealView[] | null;
  standing: Standing_ViewStandingView[] | null;
};

/** One report. ``course_deg`` None: none is known, and it does not move or nobody says where to. ``ref`` None: what the height is measured from is not stated; SFC: on the ground, without a number. ``turn_dps``: how fast it can turn, degrees a second. */
export type Sighting = {
  source: string;
  id: string;
  at: Instant;
  lat: number;
  lon: number;
  course_deg: number | null;
  speed_mps: number;
  height_m: number | null;
  ref: HeightRef | null;
  climb_mps: number | null;
  call_sign: string | null;
  turn_dps: number | null;
};

/** A one-time link's code, or a person's name with his password. */
export type SignIn = {
  link?: string | null;
  person?: string | null;
  password?: string | null;
};

/** Whether anybody was signed in here. */
export type SignedOut = {
  signed_out: boolean;
};

/** What a shape is drawn as. */
export type Sort = "polygon" | "corridor" | "disc";

/** One source: tracks that are held of it, what became of what it sent, seconds since it was heard (None: never), and what is wrong with it. */
export type SourceView = {
  source: string;
  tracks: number;
  counts: Record<string, number>;
  refused: number;
  pushed_out: number;
  heard_s_ago: number | null;
  fault: string;
};

/** Where and when a standing coordination with another party holds: exactly one volume, whose window is the operational period. */
export type StandingArea = {
  party: PartyId;
  volumes: Volume[];
};

/** Never one word alone: the words hold the time, who was NOT TOLD and the seals beside it. ``proved_by``: None for an own version, else the author's entry that it is read from. ``unjudged``: how many live versions it is not judged against yet here; until then it is UNDETERMINED at best. */
export type StandingView = {
  state: State;
  as_of: Instant;
  proved_by: EntryRef | null;
  parties: WithView[];
  seals: EntryRef[];
  words: string;
  unjudged: number;
};

/** One party's word of an area and period. ``holds``: the other has signed the same measure, and the period has begun and not ended; ``until`` is the earlier of the two ends. Overlaps there are shown and rung about as before, with the measure. */
export type Standing_ViewStandingView = {
  ref: EntryRef;
  by: PartyId;
  with_party: PartyId;
  area: Volume;
  measure: string;
  until: Instant;
  signed_by_both: boolean;
  holds: boolean;
};

/** Standing of a version as a whole. */
export type State = "PENDING" | "CONFLICTED" | "UNDETERMINED" | "COORDINATED" | "DECONFLICTED";

/** A plea to suspend hazardous activity: these versions, within these volumes, or all. */
export type Stop = {
  about?: EntryRef[];
  volumes?: Volume[];
  remark?: FreeText | null;
};

/** The author suspends routine business on the line; reception and receipts go on. */
export type Suspend = {
  reason: string;
};

/** Routine business suspended: by whom, since when on its clock, why; ``ref`` resumes it. */
export type SuspensionView = {
  by: PartyId;
  since: Instant;
  reason: string;
  ref: EntryRef;
};

/** A person takes an alert. ``seen``: when the board was made that it was taken from; with it all that rang as one alarm then is taken, without it this one alone. */
export type Take = {
  note?: string;
  seen?: Instant | null;
  id?: string | null;
  role?: string | null;
};

/** The next watch takes it. ``touched``: ids of the open items that were looked at; ``override``: why the others were not, which is recorded. */
export type TakeOver = {
  touched?: string[];
  override?: string;
  id?: string | null;
  role?: string | null;
};

/** Tell the line of an own mover that is off its route: the message is made of the finding. */
export type Tell = {
  call_sign: string;
  id?: string | null;
  role?: string | null;
};

/** One template: its precedence unless the sender says otherwise, and its blanks in the order in which they stand on the wire. Every message is answered, at the least with ROGER. */
export type Template = {
  id: string;
  prec: Precedence;
  fields: Blank[];
};

/** A message: what it says, the most telling form first, the last with the blanks that are always filled; and what it asks of the reader ("" when it only tells). */
export type TemplateWords = {
  says: string[];
  asks: string;
};

/** A test by a person of the whole way to a person; answered with ROGER. */
export type Test = {
  text: string;
  role: string;
};

/** A represented party that a version exposes. ``state``: NOT TOLD, TOLD, ANSWERED, NO ANSWER. ``due``: when the relay's word is due. ``coded``: a page's code was repeated. */
export type ThirdView = {
  party: PartyId;
  name: string;
  state: string;
  relay: PartyId;
  backup: PartyId;
  taken_by: PartyId | null;
  due: Instant;
  told_at: Instant | null;
  means: string;
  words: string;
  coded: boolean;
};

/** One variant of a scenario. ``made_of``: SHA-256 of the scenario's file. */
export type Timeline = {
  scenario: string;
  title: string;
  about: string;
  variant: string;
  variant_title: string;
  made_of: string;
  begins: Instant;
  ends: Instant;
  met: boolean;
  parties: PartyShown[];
  zones: ZoneShown[];
  places: PlaceShown[];
  shapes: ShapeShown[];
  movers: MoverShown[];
  events: Event[];
};

/** A language that there is, with its own name for itself. */
export type TongueView = {
  language: string;
  name: string;
  direction: string;
  reviewed: boolean;
};

/** Tracks as they are now. The same again is no harm: of two the newer counts. */
export type TrackFeed = {
  tracks: TrackShape[];
};

/** One record as it is written. */
export type TrackShape = {
  id: string | number;
  lat: number;
  lon: number;
  track_deg?: number | null;
  speed_mps?: number | null;
  speed_kt?: number | null;
  alt_m?: number | string | null;
  alt_ft?: number | string | null;
  alt_ref?: string | null;
  vs_mps?: number | null;
  vs_fpm?: number | null;
  time?: string | null;
  turn_dps?: number | null;
};

/** One track: its newest sighting, its age in seconds, whether it goes on by its course alone, and whose of ours it is. */
export type TrackView = {
  seen: Sighting;
  age_s: number;
  coasting: boolean;
  call_sign: string;
};

/** Why a desk is rung. */
export type TroubleKind = "conflict" | "undetermined" | "answer-due" | "no-answer" | "no-receipt" | "late" | "exposed" | "reaction" | "not-told" | "stop" | "distress" | "accident" | "unreadable" | "refused-by-peer" | "line-degraded" | "line-down" | "clock" | "fork" | "ended-by-time" | "suspended" | "seal" | "not-signing" | "claim" | "loading" | "disk" | "flood" | "channel" | "text-check" | "line-test" | "terms" | "read-back" | "declined" | "answers-nothing" | "half-signed" | "track-near" | "track-hazard" | "off-route" | "track-inside" | "track-lost" | "track-source" | "waits" | "unconfirmed" | "gap" | "judging";

/** Something that cannot be drawn: its text, why, and an area outside of which it states nothing, where there is one. */
export type UndrawnView = {
  label: string;
  text: string;
  why: RefusalView;
  envelope: Polygon | Disc | Corridor | null;
};

/** NO is sound: never given where the exact predicate says conflict. Unknown is never NO. */
export type Verdict = "NO" | "YES" | "UNDETERMINED";

/** What was said by voice about an entry: with which party, when, by which means (a choice of the template said-on-voice), and what was read back (``outcome``, a choice of it too). ``with_role`` may stand on the line; ``name`` and ``note`` stay in the private desk record. */
export type VoiceSaid = {
  of: EntryRef;
  to: PartyId;
  at: Instant;
  means: string;
  outcome: string;
  with_role?: string;
  name?: string;
  note?: string;
  id?: string | null;
  role?: string | null;
};

/** A footprint, a band of heights and a half-open window [start, end) in UTC milliseconds. */
export type Volume = {
  footprint: Polygon | Disc | Corridor;
  lower: Height;
  upper: Height;
  start: Instant;
  end: Instant;
};

/** What of a party is missing before all of a line counts. */
export type Wait = "PAPERS" | "WORD" | "RECORD" | "JOIN" | "CONFIRMATION" | "ADOPTION" | "TIME";

/** On whom the line waits, and for what. */
export type WaitView = {
  party: PartyId;
  what: Wait;
  words: string;
};

/** A peer's line in the watch: how often it was itself rung about, and how it is now. */
export type WatchLine = {
  party: PartyId;
  rung: number;
  words: string;
};

/** What came about on a line since ``since``: when a watch of ``role`` passed last, or, with an empty ``role``, a day ago, because none has passed since then. ``rung`` are the duties that came up: of these some were ``answered``, some ``taken`` alone, and ``alone`` by nobody; of the same, ``over`` are those whose trouble has gone, ``open`` those that stand. ``filed`` and ``received`` are versions of notices, ours and the others', ``ended`` and ``lifted`` the entries that withdrew or cleared such. ``cut``: there was more than is looked through, so that every number can be larger. ``loudest``: the few loudest that came up, each as a sentence; ``words`` says the numbers. */
export type WatchView = {
  since: Instant;
  role: string;
  rung: number;
  taken: number;
  answered: number;
  over: number;
  open: number;
  alone: number;
  filed: number;
  ended: number;
  received: number;
  lifted: number;
  cut: boolean;
  loudest: string[];
  lines: WatchLine[];
  words: string[];
};

/** One party's version, changed as ``proposal`` says, is apart from the other of the pair. ``meets``: other live versions that it would not be apart from then. Not ``looked``: there is too much near it to say. ``shortfall_ms``: what its lead time would lack if it were received now. ``words`` says the same to a person; nothing is sent by showing it. */
export type WayOutView = {
  of: EntryRef;
  party: PartyId;
  own: boolean;
  proposal: Proposal;
  meets: EntryRef[];
  looked: boolean;
  shortfall_ms: number;
  words: string;
};

/** Why a version is pending with one party; RECEIVED: it is not. */
export type Why = "received" | "not-seen" | "refused" | "older-terms" | "suspended" | "forked" | "not-held";

/** How a version stands with one other member. */
export type WithView = {
  party: PartyId;
  why: Why;
  at: EntryRef | null;
  code: Code | null;
  words: string;
};

/** Ends the named versions of one's own. Final. A hazard that has begun keeps its tail. */
export type Withdraw = {
  versions: EntryRef[];
};

/** The words of one language: ``console`` by view and id, blanks in braces, with ``english`` beside what nobody has reviewed (FM20); the closed messages with their blanks and choices; replies, states and verdicts as they stand alone; counted words by the form that Intl.PluralRules names. ``tongues``: every language that there is. */
export type WordsView = {
  console: Record<string, Record<string, string>>;
  english: Record<string, Record<string, string>> | null;
  templates: Record<string, TemplateWords>;
  choices: Record<string, string>;
  replies: Record<string, string>;
  states: Record<string, string>;
  verdicts: Record<string, string>;
  plurals: Record<string, Record<string, string>>;
  languages: string[];
  tongues: TongueView[];
  language: string;
  name: string;
  direction: string;
  reviewed: boolean;
};

export type WriteOfAccident = {
  body: Accident;
  id?: string | null;
  role?: string | null;
  precedence?: Precedence | null;
};

export type WriteOfAllClear = {
  body: AllClear;
  id?: string | null;
  role?: string | null;
  precedence?: Precedence | null;
};

export type WriteOfAmend = {
  body: Amend;
  id?: string | null;
  role?: string | null;
  precedence?: Precedence | null;
};

export type WriteOfAnswer = {
  body: Answer;
  id?: string | null;
  role?: string | null;
  precedence?: Precedence | null;
};

export type WriteOfCoordinated = {
  body: Coordinated;
  id?: string | null;
  role?: string | null;
  precedence?: Precedence | null;
};

export type WriteOfDistress = {
  body: Distress;
  id?: string | null;
  role?: string | null;
  precedence?: Precedence | null;
};

export type WriteOfLeave = {
  body: Leave;
  id?: string | null;
  role?: string | null;
  precedence?: Precedence | null;
};

export type WriteOfMessage = {
  body: Message;
  id?: string | null;
  role?: string | null;
  precedence?: Precedence | null;
};

export type WriteOfNotice = {
  body: Notice;
  id?: string | null;
  role?: string | null;
  precedence?: Precedence | null;
};

export type WriteOfRelay = {
  body: Relay;
  id?: string | null;
  role?: string | null;
  precedence?: Precedence | null;
};

export type WriteOfRelayed = {
  body: Relayed;
  id?: string | null;
  role?: string | null;
  precedence?: Precedence | null;
};

export type WriteOfResume = {
  body: Resume;
  id?: string | null;
  role?: string | null;
  precedence?: Precedence | null;
};

export type WriteOfSeal = {
  body: Seal;
  id?: string | null;
  role?: string | null;
  precedence?: Precedence | null;
};

export type WriteOfStop = {
  body: Stop;
  id?: string | null;
  role?: string | null;
  precedence?: Precedence | null;
};

export type WriteOfSuspend = {
  body: Suspend;
  id?: string | null;
  role?: string | null;
  precedence?: Precedence | null;
};

export type WriteOfTest = {
  body: Test;
  id?: string | null;
  role?: string | null;
  precedence?: Precedence | null;
};

export type WriteOfWithdraw = {
  body: Withdraw;
  id?: string | null;
  role?: string | null;
  precedence?: Precedence | null;
};

/** A standing area of a represented party: where it can be harmed or do harm. ``reach_mm`` is how far outside it still acts; ``after_s`` how long after a hazard it may still react. */
export type Zone = {
  label: string;
  footprint: Polygon | Disc | Corridor;
  reach_mm?: number;
  after_ms?: Millis;
};

/** A standing area of a represented party. */
export type ZoneShown = {
  party: PartyId;
  label: string;
  footprint: Polygon | Disc | Corridor;
};

/** Every endpoint: what goes in, what comes out. Blanks of a path stand in braces. */
export type Api = {
  "POST /v1/session": { body: SignIn; query: { }; answer: SessionView };
  "GET /v1/session": { body: null; query: { }; answer: SessionView };
  "DELETE /v1/session": { body: null; query: { }; answer: SignedOut };
  "POST /v1/session/password": { body: NewPassword; query: { }; answer: SessionView };
  "GET /v1/words/{lang}": { body: null; query: { }; answer: WordsView };
  "GET /v1/console/views": { body: null; query: { }; answer: Saved };
  "PUT /v1/console/views": { body: Saved; query: { }; answer: Saved };
  "POST /v1/read-place": { body: PlaceAsk; query: { }; answer: PlaceView };
  "POST /v1/read-shape": { body: ShapeAsk; query: { }; answer: ShapesView };
  "POST /v1/seal-digest": { body: SealAsk; query: { }; answer: SealDigest };
  "GET /v1/lines/{line}/evidence": { body: null; query: { from?: string; until?: string; at?: string; withhold?: string; desk?: string; }; answer: Blob };
  "POST /v1/evidence/verify": { body: Blob; query: { line?: string; }; answer: EvidenceView };
  "POST /v1/evidence/compare": { body: Blob; query: { left?: string; line?: string; at?: string; }; answer: EvidenceView };
  "GET /v1/lines/{line}/review": { body: null; query: { from?: string; until?: string; desk?: string; }; answer: EvidenceView };
  "POST /v1/reviews/compare": { body: Blob; query: { left?: string; }; answer: EvidenceView };
  "GET /v1/replays": { body: null; query: { }; answer: ReplayListing[] };
  "GET /v1/replays/{name}/{variant}": { body: null; query: { }; answer: Timeline };
  "GET /v1/health": { body: null; query: { }; answer: Health };
  "GET /v1/me": { body: null; query: { }; answer: MeView };
  "GET /v1/node": { body: null; query: { }; answer: NodeView };
  "GET /v1/board": { body: null; query: { alerts?: string; notices?: string; }; answer: BoardView };
  "GET /v1/templates": { body: null; query: { }; answer: Template[] };
  "GET /v1/lines": { body: null; query: { }; answer: LineView[] };
  "GET /v1/lines/{line}": { body: null; query: { }; answer: LineView };
  "GET /v1/lines/{line}/terms": { body: null; query: { }; answer: Agreement };
  "GET /v1/lines/{line}/picture": { body: null; query: { }; answer: unknown };
  "GET /v1/lines/{line}/notices": { body: null; query: { ended?: string; offset?: string; limit?: string; }; answer: NoticeView[] };
  "GET /v1/lines/{line}/notices/{feed}/{index}": { body: null; query: { }; answer: NoticeView };
  "GET /v1/lines/{line}/conflicts": { body: null; query: { own?: string; }; answer: ConflictView[] };
  "GET /v1/lines/{line}/ways-out": { body: null; query: { a?: string; b?: string; }; answer: WayOutView[] };
  "GET /v1/lines/{line}/asks": { body: null; query: { }; answer: AskView[] };
  "GET /v1/lines/{line}/changes": { body: null; query: { after?: string; }; answer: ShownView };
  "GET /v1/lines/{line}/seals": { body: null; query: { }; answer: SealView[] };
  "GET /v1/lines/{line}/notices/{feed}/{index}/reach": { body: null; query: { }; answer: ReachView[] };
  "GET /v1/lines/{line}/alert-times": { body: null; query: { from?: string; until?: string; }; answer: AlertTimes[] };
  "GET /v1/lines/{line}/notices/{feed}/{index}/call-script": { body: null; query: { lang?: string; }; answer: CallScriptView };
  "GET /v1/lines/{line}/handover": { body: null; query: { }; answer: HandoverView };
  "GET /v1/lines/{line}/standing": { body: null; query: { }; answer: Standing_ViewStandingView[] };
  "GET /v1/lines/{line}/movers": { body: null; query: { }; answer: Mover[] };
  "GET /v1/lines/{line}/documents": { body: null; query: { }; answer: DocumentView[] };
  "GET /v1/lines/{line}/desk-record": { body: null; query: { offset?: string; limit?: string; }; answer: DeskNote[] };
  "GET /v1/lines/{line}/reads": { body: null; query: { of?: string; offset?: string; limit?: string; }; answer: ReadView[] };
  "GET /v1/alerts": { body: null; query: { line?: string; severity?: string; offset?: string; limit?: string; }; answer: AlertView[] };
  "GET /v1/duties": { body: null; query: { after?: string; }; answer: DutiesView };
  "GET /v1/tracks": { body: null; query: { offset?: string; limit?: string; }; answer: LiveView };
  "GET /v1/lines/{line}/bindings": { body: null; query: { }; answer: Binding[] };
  "GET /v1/alerts/{alert}": { body: null; query: { }; answer: AlertView };
  "GET /v1/places": { body: null; query: { offset?: string; limit?: string; }; answer: NamedPlaceView[] };
  "GET /v1/call-list": { body: null; query: { }; answer: CallWayView[] };
  "POST /v1/lines/{line}/check": { body: Draft; query: { }; answer: CheckView };
  "POST /v1/lines/{line}/notices": { body: WriteOfNotice; query: { }; answer: FiledView };
  "POST /v1/lines/{line}/amend": { body: WriteOfAmend; query: { }; answer: FiledView };
  "POST /v1/lines/{line}/import": { body: Batch; query: { }; answer: FiledView };
  "POST /v1/lines/{line}/withdraw": { body: WriteOfWithdraw; query: { }; answer: FiledView };
  "POST /v1/lines/{line}/all-clear": { body: WriteOfAllClear; query: { }; answer: FiledView };
  "POST /v1/lines/{line}/seal": { body: WriteOfSeal; query: { }; answer: FiledView };
  "POST /v1/lines/{line}/open": { body: Opening; query: { }; answer: FiledView };
  "POST /v1/lines/{line}/answers": { body: WriteOfAnswer; query: { }; answer: FiledView };
  "POST /v1/lines/{line}/accept": { body: Accept; query: { }; answer: FiledView };
  "POST /v1/lines/{line}/coordinated": { body: WriteOfCoordinated; query: { }; answer: FiledView };
  "POST /v1/lines/{line}/messages": { body: WriteOfMessage; query: { }; answer: FiledView };
  "POST /v1/lines/{line}/stop": { body: WriteOfStop; query: { }; answer: FiledView };
  "POST /v1/lines/{line}/distress": { body: WriteOfDistress; query: { }; answer: FiledView };
  "POST /v1/lines/{line}/distress/here": { body: Cry; query: { }; answer: FiledView };
  "POST /v1/lines/{line}/accident": { body: WriteOfAccident; query: { }; answer: FiledView };
  "POST /v1/lines/{line}/relay": { body: WriteOfRelay; query: { }; answer: FiledView };
  "POST /v1/lines/{line}/relayed": { body: WriteOfRelayed; query: { }; answer: FiledView };
  "POST /v1/lines/{line}/relay-page": { body: PageAsk; query: { }; answer: PageView };
  "POST /v1/lines/{line}/reply-code": { body: CodeGiven; query: { }; answer: FiledView };
  "POST /v1/lines/{line}/said-on-voice": { body: VoiceSaid; query: { }; answer: FiledView };
  "POST /v1/lines/{line}/suspend": { body: WriteOfSuspend; query: { }; answer: FiledView };
  "POST /v1/lines/{line}/resume": { body: WriteOfResume; query: { }; answer: FiledView };
  "POST /v1/lines/{line}/leave": { body: WriteOfLeave; query: { }; answer: FiledView };
  "POST /v1/lines/{line}/test": { body: WriteOfTest; query: { }; answer: FiledView };
  "POST /v1/lines/{line}/handover/give": { body: Give; query: { }; answer: HandoverView };
  "POST /v1/lines/{line}/handover": { body: TakeOver; query: { }; answer: FiledView };
  "POST /v1/lines/{line}/movers": { body: MoverFixes; query: { }; answer: Mover[] };
  "POST /v1/tracks": { body: TrackFeed; query: { }; answer: FedView };
  "PUT /v1/tracks/{track}": { body: TrackShape; query: { }; answer: FedView };
  "POST /v1/lines/{line}/bindings": { body: BindingFixes; query: { }; answer: Binding[] };
  "POST /v1/lines/{line}/off-route": { body: Tell; query: { }; answer: FiledView };
  "POST /v1/lines/{line}/desk-record": { body: Remark; query: { }; answer: FiledView };
  "POST /v1/lines/{line}/documents": { body: Documents; query: { }; answer: FiledView };
  "POST /v1/lines/{line}/sign-again": { body: Epoch; query: { }; answer: FiledView };
  "POST /v1/alerts/{alert}/ack": { body: Take; query: { }; answer: AlertView };
  "POST /v1/alerts/{alert}/silence": { body: Quiet; query: { }; answer: AlertView };
  "POST /v1/alerts/{alert}/escalate": { body: Climbing; query: { }; answer: AlertView };
  "POST /v1/alerts/{alert}/presented": { body: Shown; query: { }; answer: AlertView };
};

/** Events of GET /v1/events by name. */
export type Streamed = {
  "hello": Hello;
  "beat": Beat;
  "changed": Changed;
  "alert": Alerted;
  "reset": Reset;
};
