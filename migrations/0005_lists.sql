-- +goose Up

-- What each version of a list is, and where it came from. Versions and their entries stay: they explain old decisions.
ALTER TABLE watchlists
    ADD COLUMN hash         text        NOT NULL DEFAULT '',    -- SHA-256 over the files, in hex
    ADD COLUMN digest       text        NOT NULL DEFAULT '',    -- SHA-256 over the entries, in hex: versions of one digest judge the same
    ADD COLUMN published_at timestamptz,                        -- as the publisher says
    ADD COLUMN parties      integer     NOT NULL DEFAULT 0,
    ADD COLUMN aliases      integer     NOT NULL DEFAULT 0,
    ADD COLUMN imported_by  text        NOT NULL DEFAULT '',
    ADD COLUMN checked_at   timestamptz NOT NULL DEFAULT now(), -- when it was last known to be what the publisher has
    ADD COLUMN retired_at   timestamptz,                        -- when another took its place
    ADD COLUMN origins      jsonb       NOT NULL DEFAULT '[]';  -- where it was fetched from, with what servers said of its version
UPDATE watchlists l SET checked_at = imported_at, aliases = e.names - e.parties, parties = e.parties
FROM (SELECT list_id, count(*) AS names, count(*) FILTER (WHERE "primary") AS parties FROM watchlist_entries GROUP BY list_id) e WHERE e.list_id = l.id;
UPDATE watchlists l SET retired_at = (SELECT min(n.imported_at) FROM watchlists n WHERE n.source = l.source AND n.id > l.id) WHERE NOT active;
CREATE INDEX watchlists_version ON watchlists (source, version);

-- What tells parties of one name apart.
ALTER TABLE watchlist_entries
    ADD COLUMN weak      boolean NOT NULL DEFAULT false,
    ADD COLUMN births    text[]  NOT NULL DEFAULT '{}', -- ISO dates or years, alternatives
    ADD COLUMN countries text[]  NOT NULL DEFAULT '{}'; -- ISO 3166-1 alpha-2

-- An officer's word that a consignee is not a listed party. A row is never rewritten but to end it. The changes of all rows are counted,
-- so that the pairs can be told as they were after each.
CREATE TABLE trusted_pairs (
    id           text PRIMARY KEY,
    list         text        NOT NULL, -- source of the list
    entry        text        NOT NULL, -- the publisher's number of the party
    name         text        NOT NULL, -- the consignee's, normalised
    country      text        NOT NULL, -- the consignee's
    consignee    bigint      NOT NULL, -- of the parcel: the hash of person and address
    parcel_id    uuid        NOT NULL, -- that was looked at
    reason       text        NOT NULL,
    officer      integer     NOT NULL,
    made_by      text        NOT NULL,
    made_at      timestamptz NOT NULL,
    made_change  bigint      NOT NULL UNIQUE,
    expires_at   timestamptz NOT NULL CHECK (expires_at > made_at),
    ended_by     text,
    ended_at     timestamptz,
    ended_change bigint UNIQUE,
    CHECK (num_nulls(ended_by, ended_at, ended_change) IN (0, 3))
);
CREATE INDEX trusted_pairs_made ON trusted_pairs (made_at, id);

-- +goose Down
DROP TABLE trusted_pairs;
ALTER TABLE watchlist_entries DROP COLUMN weak, DROP COLUMN births, DROP COLUMN countries;
DROP INDEX watchlists_version;
ALTER TABLE watchlists DROP COLUMN hash, DROP COLUMN digest, DROP COLUMN published_at, DROP COLUMN parties, DROP COLUMN aliases,
    DROP COLUMN imported_by, DROP COLUMN checked_at, DROP COLUMN retired_at, DROP COLUMN origins;
