-- +goose Up

-- What a list has added is looked for among stored parcels, newest first: a row for each version put in force, with how far it is.
CREATE TABLE rescreenings (
    list_id      bigint      PRIMARY KEY REFERENCES watchlists,
    source       text        NOT NULL,
    base_id      bigint REFERENCES watchlists,    -- what it is compared with; null: nothing, every name is new
    since        timestamptz NOT NULL,            -- parcels screened from here on are looked at
    phase        text        NOT NULL DEFAULT 'stored' CHECK (phase IN ('stored', 'closing', 'done', 'superseded')),
    batch        bigint,                          -- the sheet that was looked at last; null before the first of a phase
    sheet        integer,
    parcels      bigint      NOT NULL DEFAULT 0,  -- looked at
    held         bigint      NOT NULL DEFAULT 0,  -- of them held now
    added        bigint      NOT NULL DEFAULT 0,  -- held before, with a reason more now
    departed     bigint      NOT NULL DEFAULT 0,  -- found too late: with their unit on its way
    started_at   timestamptz NOT NULL,
    ended_at     timestamptz
);
-- What is stored was screened with the lists in force.
INSERT INTO rescreenings (list_id, source, since, phase, started_at, ended_at)
SELECT id, source, imported_at, 'done', now(), now() FROM watchlists WHERE active;

-- What screening said at first of a parcel that has been screened again since: lane and reasons. Null for all others: it is what they have.
ALTER TABLE parcels ADD COLUMN verdict jsonb;

-- What an officer asks about a held parcel.
CREATE TABLE referrals (
    reference   text        PRIMARY KEY,
    parcel_id   uuid        NOT NULL REFERENCES parcels,
    type        text        NOT NULL CHECK (type IN ('documents', 'information', 'inspection', 'stop')),
    text        text        NOT NULL,
    field       text        NOT NULL DEFAULT '', -- JSON pointer into the declaration
    officer     integer     NOT NULL,
    asked_by    text        NOT NULL,
    asked_at    timestamptz NOT NULL,
    deadline    timestamptz,                     -- for an answer; null where none is asked for
    overdue     boolean     NOT NULL DEFAULT false,
    answer      jsonb,
    answered_at timestamptz,
    closed_at   timestamptz
);
CREATE INDEX referrals_parcel ON referrals (parcel_id);
CREATE INDEX referrals_deadline ON referrals (deadline) WHERE answered_at IS NULL AND closed_at IS NULL AND NOT overdue;
-- What was asked before is asked on, without a deadline.
INSERT INTO referrals (reference, parcel_id, type, text, officer, asked_by, asked_at)
SELECT 'R' || upper(substr(md5(k.parcel_id::text), 1, 16)), k.parcel_id, 'information', d->>'reason', (d->>'officer')::int, d->>'name', (d->>'at')::timestamptz
FROM cases k JOIN parcels p ON p.id = k.parcel_id AND p.status = 'information_requested' AND k.state = 'open'
CROSS JOIN LATERAL (SELECT d FROM jsonb_array_elements(k.decisions) WITH ORDINALITY e(d, n) WHERE d->>'action' = 'request_information' ORDER BY n DESC LIMIT 1) last;

-- overdue: a question was not answered in time; again: one was answered, since when the parcel waits to be judged once more.
ALTER TABLE cases ADD COLUMN overdue boolean NOT NULL DEFAULT false, ADD COLUMN again timestamptz;
CREATE INDEX cases_again ON cases (again) WHERE again IS NOT NULL;

-- +goose Down
DROP INDEX cases_again;
ALTER TABLE cases DROP COLUMN overdue, DROP COLUMN again;
DROP TABLE referrals, rescreenings;
ALTER TABLE parcels DROP COLUMN verdict;
