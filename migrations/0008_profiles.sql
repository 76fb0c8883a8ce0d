-- +goose Up

-- What was learned of prices and of officers' outcomes. Nothing is ever taken out or rewritten but when it was learned last, so that an
-- old verdict can be explained: bases name the versions. The one of a kind that was learned last is in force.
CREATE TABLE profiles (
    kind       text        NOT NULL CHECK (kind IN ('prices', 'risk')),
    version    text        NOT NULL, -- SHA-256 of data, in hex
    data       bytea       NOT NULL,
    learned_at timestamptz NOT NULL,
    from_at    timestamptz NOT NULL, -- the period
    to_at      timestamptz NOT NULL, -- that it was learned from
    samples    bigint      NOT NULL, -- prices, or outcomes
    PRIMARY KEY (kind, version)
);
CREATE INDEX profiles_in_force ON profiles (kind, learned_at);

-- +goose Down
DROP TABLE profiles;
