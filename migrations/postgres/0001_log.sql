-- The event log of the full backend. Append-only: nothing in `events` is ever updated or deleted.
--
-- Positions are given out by the one writer, not by a sequence: a sequence leaves gaps, and shows 102 before 101.
-- The primary key is the fence against a second writer, and the unique constraint guards each stream. There is no
-- other index: what is looked up by id goes through a view. Names sort by bytes, as they do everywhere else.
CREATE TABLE events (
  position       bigint   PRIMARY KEY CHECK (position > 0),
  stream         text     COLLATE "C" NOT NULL,
  version        bigint   NOT NULL,
  type           text     NOT NULL,
  id             bytea    NOT NULL,
  command_id     bytea    NOT NULL,
  correlation_id bytea    NOT NULL,
  causation_id   bytea    NOT NULL,
  time           bigint   NOT NULL,
  actor          text     NOT NULL,
  code           text     NOT NULL,
  principal      text     NOT NULL,
  owner          text     NOT NULL,
  visibility     smallint NOT NULL,
  trace          text,
  owes           boolean  NOT NULL,
  effect         text,
  role           text,
  attempt        bigint,
  codec          smallint NOT NULL,
  data           bytea    NOT NULL,
  command        bytea,
  hash           bytea    NOT NULL,
  UNIQUE (stream, version)
);

-- No attempt to compress in the way of an append.
ALTER TABLE events ALTER data SET STORAGE EXTERNAL, ALTER command SET STORAGE EXTERNAL;
-- Rows never change: freeze them soon and a little at a time.
ALTER TABLE events SET (autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_freeze_min_age = 0);

-- The log's identity, and how far the set of owing streams has been folded. One row.
CREATE TABLE log (
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  id              bytea   NOT NULL,
  owing_position  bigint  NOT NULL DEFAULT 0
);

CREATE TABLE owing (
  stream text COLLATE "C" PRIMARY KEY
);

-- Who writes the log, renewed every second. Not logged: a renewal costs no sync, and after a crash nobody writes.
CREATE UNLOGGED TABLE lease (
  single boolean     PRIMARY KEY DEFAULT true CHECK (single),
  holder  text        NOT NULL,
  renewed timestamptz NOT NULL
) WITH (fillfactor = 10);

-- Folded state, for speed alone: any row may be deleted at any time.
CREATE TABLE snapshots (
  stream  text     COLLATE "C" PRIMARY KEY,
  version bigint   NOT NULL,
  code    text     NOT NULL,
  hash    bytea    NOT NULL,
  codec   smallint NOT NULL,
  data    bytea    NOT NULL
);

-- How far each actor has handled the log, and the pairs of streams it has set aside.
CREATE TABLE inbox (
  actor    text   PRIMARY KEY,
  position bigint NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE parked (
  actor    text   NOT NULL,
  source   text   COLLATE "C" NOT NULL,
  target   text   COLLATE "C" NOT NULL,
  position bigint NOT NULL,
  reason   text   NOT NULL,
  PRIMARY KEY (actor, source, target, position)
);

-- For people and dashboards. What is no JSON, or no JSON that Postgres can hold (\u0000), stands there as a text.
CREATE FUNCTION readable(data bytea, codec smallint) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  IF codec = 1 THEN
    RETURN convert_from(data, 'UTF8')::jsonb;
  END IF;
  RETURN to_jsonb(encode(data, 'base64'));
EXCEPTION WHEN data_exception THEN
  RETURN to_jsonb(encode(data, 'escape'));
END
$$;

CREATE VIEW events_readable AS
SELECT
  position,
  stream,
  version,
  type,
  to_timestamp(time / 1000000.0) AS time,
  actor,
  principal,
  owner,
  CASE visibility WHEN 1 THEN 'private' WHEN 2 THEN 'household' WHEN 3 THEN 'public' END AS visibility,
  owes,
  effect,
  role,
  attempt,
  readable(data, codec) AS data,
  readable(command, 1::smallint) AS command,
  encode(id, 'hex') AS id,
  encode(command_id, 'hex') AS command_id,
  encode(correlation_id, 'hex') AS correlation_id,
  encode(causation_id, 'hex') AS causation_id,
  trace,
  code,
  encode(hash, 'hex') AS hash
FROM events;
