-- +goose Up

-- How many new parcels of a screening batch got each lane by the rules, a row for each batch, written with its verdicts. A row is never
-- changed, so that screeners do not wait for each other; every few minutes one process adds them to lane_totals and takes them out.
-- What random.expected drew is counted as green, and as drawn.
CREATE TABLE lane_counts (
    at           timestamptz NOT NULL,
    rules        text        NOT NULL, -- the version that judged; bases tell its set, office and direction
    red          integer     NOT NULL,
    yellow       integer     NOT NULL,
    blue         integer     NOT NULL,
    green        integer     NOT NULL,
    drawn_red    integer     NOT NULL,
    drawn_yellow integer     NOT NULL,
    drawn_blue   integer     NOT NULL
);

-- The sums of ten minutes each. They are taken out when nobody looks so far back any more.
CREATE TABLE lane_totals (
    since        timestamptz NOT NULL,
    set_hash     text        NOT NULL, -- of the rule set that judged
    office       text        NOT NULL, -- that the set is for
    direction    text        NOT NULL,
    red          bigint      NOT NULL,
    yellow       bigint      NOT NULL,
    blue         bigint      NOT NULL,
    green        bigint      NOT NULL,
    drawn_red    bigint      NOT NULL,
    drawn_yellow bigint      NOT NULL,
    drawn_blue   bigint      NOT NULL,
    PRIMARY KEY (since, set_hash)
);

-- What is drawn so that lanes get the shares that a rule set expects: a row for each change, the last one of a set is in force.
CREATE TABLE lane_topups (
    id        bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    set_hash  text        NOT NULL,
    office    text        NOT NULL,
    direction text        NOT NULL,
    top_up    jsonb       NOT NULL, -- {"yellow": 4.5}: per cent of the parcels that the rules leave green
    counted   jsonb       NOT NULL, -- parcels by lane that it was worked out from
    at        timestamptz NOT NULL
);
CREATE INDEX lane_topups_in_force ON lane_topups (set_hash, id);

-- +goose Down
DROP TABLE lane_counts, lane_totals, lane_topups;
