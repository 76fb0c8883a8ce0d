-- +goose Up

-- What went to an address counts for split orders as what went to a consignee does. Whoever has the consignee has the address, so
-- one index serves both. What was stored before has no address of its own: it counts for its consignee's key, which nothing new meets.
ALTER TABLE parcels ADD COLUMN address bigint, ADD COLUMN past jsonb; -- past: what was sent before, by which it was judged; null for nothing
UPDATE parcels SET address = consignee;
ALTER TABLE parcels ALTER COLUMN address SET NOT NULL;
DROP INDEX parcels_consignee;
CREATE INDEX parcels_address ON parcels (address, received_at);

-- What each version of the rules was made of: parcels.rules names it. Nothing is ever taken out, so that an old verdict can be explained.
CREATE TABLE bases (
    rules    text        PRIMARY KEY,
    basis    jsonb       NOT NULL,
    since    timestamptz NOT NULL DEFAULT now()
);

-- Rule sets, by office and direction. The document is never changed once the set has left draft.
CREATE TABLE rule_sets (
    id           uuid        PRIMARY KEY,
    number       integer     GENERATED ALWAYS AS IDENTITY UNIQUE, -- the version people name
    name         text        NOT NULL,
    office       text        NOT NULL,
    direction    text        NOT NULL,
    status       text        NOT NULL CHECK (status IN ('draft', 'shadow', 'active', 'retired')),
    hash         text        NOT NULL, -- SHA-256 of the document
    document     jsonb       NOT NULL,
    revision     integer     NOT NULL DEFAULT 1, -- counts changes of a draft
    proposal     jsonb,                -- who proposed that it be in force, the first of two
    created_by   text        NOT NULL,
    created_at   timestamptz NOT NULL,
    changed_by   text        NOT NULL,
    changed_at   timestamptz NOT NULL
);
CREATE UNIQUE INDEX rule_sets_active ON rule_sets (office, direction) WHERE status = 'active';
CREATE INDEX rule_sets_judging ON rule_sets (status) WHERE status IN ('shadow', 'active');

-- Who did what with a set, in order; nothing is changed here.
CREATE TABLE rule_set_events (
    id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rule_set_id uuid        NOT NULL REFERENCES rule_sets,
    kind        text        NOT NULL, -- created, changed, shadowed, proposed, activated, retired, backtested
    hash        text        NOT NULL, -- of the document then
    by          text        NOT NULL,
    at          timestamptz NOT NULL,
    details     jsonb
);
CREATE INDEX rule_set_events_of ON rule_set_events (rule_set_id, id);

-- Lists that rules ask by name, in versions; the highest of a name is in force.
CREATE TABLE named_lists (
    name       text        NOT NULL,
    version    integer     NOT NULL,
    kind       text        NOT NULL CHECK (kind IN ('values', 'prefixes', 'keywords')),
    items      text[]      NOT NULL,
    created_by text        NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (name, version)
);

-- Backtests of rule sets over stored parcels: what was asked for, how far it has got and what it has found, in one row, so that
-- whoever goes on after a process has died counts nothing twice.
CREATE TABLE backtests (
    id          uuid        PRIMARY KEY,
    rule_set_id uuid        NOT NULL REFERENCES rule_sets,
    hash        text        NOT NULL, -- of the document as it was then
    document    jsonb       NOT NULL,
    status      text        NOT NULL CHECK (status IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    from_at     timestamptz NOT NULL,
    to_at       timestamptz NOT NULL,
    most        integer     NOT NULL, -- parcels
    total       integer     NOT NULL DEFAULT 0,
    done        integer     NOT NULL DEFAULT 0,
    report      jsonb       NOT NULL DEFAULT '{}',
    tx          bigint      NOT NULL DEFAULT 0, -- the place in the log of facts
    seq         bigint      NOT NULL DEFAULT 0, -- that it goes on behind
    tries       integer     NOT NULL DEFAULT 0, -- since it last got on
    why         text        NOT NULL DEFAULT '',
    created_by  text        NOT NULL,
    created_at  timestamptz NOT NULL,
    started_at  timestamptz,
    ended_at    timestamptz
);
CREATE UNIQUE INDEX backtests_open ON backtests (rule_set_id) WHERE status IN ('queued', 'running');

-- What sets in the shadow came to, by the day; what is counted is what and name: parcels, errors, missed, lanes "green red", rules "value.limit".
CREATE TABLE shadow_counts (
    rule_set_id uuid   NOT NULL REFERENCES rule_sets,
    day         date   NOT NULL,
    what        text   NOT NULL,
    name        text   NOT NULL DEFAULT '',
    n           bigint NOT NULL,
    PRIMARY KEY (rule_set_id, day, what, name)
);

-- +goose Down
DROP TABLE shadow_counts, backtests, named_lists, rule_set_events, rule_sets, bases;
DROP INDEX parcels_address;
CREATE INDEX parcels_consignee ON parcels (consignee, received_at);
ALTER TABLE parcels DROP COLUMN address, DROP COLUMN past;
