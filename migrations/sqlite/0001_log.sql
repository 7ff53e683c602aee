-- The event log of the embedded default. Append-only: nothing here is ever updated or deleted.
CREATE TABLE events (
  position       INTEGER PRIMARY KEY,
  stream         TEXT    NOT NULL,
  version        INTEGER NOT NULL,
  type           TEXT    NOT NULL,
  id             BLOB    NOT NULL,
  command_id     BLOB    NOT NULL,
  correlation_id BLOB    NOT NULL,
  causation_id   BLOB    NOT NULL,
  time           INTEGER NOT NULL,
  actor          TEXT    NOT NULL,
  code           TEXT    NOT NULL,
  principal      TEXT    NOT NULL,
  owner          TEXT    NOT NULL,
  visibility     INTEGER NOT NULL,
  trace          TEXT,
  owes           INTEGER NOT NULL,
  effect         TEXT,
  role           TEXT,
  attempt        INTEGER,
  codec          INTEGER NOT NULL,
  data           BLOB    NOT NULL,
  command        BLOB,
  hash           BLOB    NOT NULL,
  UNIQUE (stream, version)
) STRICT;

-- The log's identity, and how far the set of owing streams has been folded.
CREATE TABLE log (
  key   TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE owing (
  stream TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- Folded state, for speed alone: any row may be deleted at any time.
CREATE TABLE snapshots (
  stream  TEXT    PRIMARY KEY,
  version INTEGER NOT NULL,
  code    TEXT    NOT NULL,
  hash    BLOB    NOT NULL,
  codec   INTEGER NOT NULL,
  data    BLOB    NOT NULL
) STRICT, WITHOUT ROWID;

-- How far each actor has handled the log, and the pairs of streams it has set aside.
CREATE TABLE inbox (
  actor    TEXT    PRIMARY KEY,
  position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE parked (
  actor    TEXT    NOT NULL,
  source   TEXT    NOT NULL,
  target   TEXT    NOT NULL,
  position INTEGER NOT NULL,
  reason   TEXT    NOT NULL,
  PRIMARY KEY (actor, source, target, position)
) STRICT, WITHOUT ROWID;
