-- +goose Up

-- Imports of exchange rates, numbered one by one. A version of the rates is all imports up to a number; bases name versions. Nothing is
-- ever taken out or rewritten, so that an old verdict can be explained.
CREATE TABLE rate_imports (
    number      integer     PRIMARY KEY CHECK (number > 0),
    version     text        NOT NULL UNIQUE, -- the number, and 12 digits of a hash over this import and all before it
    source      text        NOT NULL,
    file        text        NOT NULL, -- its name or address
    hash        text        NOT NULL, -- SHA-256 over the file, in hex
    added       integer     NOT NULL, -- rates for days that had none
    changed     integer     NOT NULL, -- rates that took the place of another
    first_day   date        NOT NULL,
    last_day    date        NOT NULL,
    imported_by text        NOT NULL,
    imported_at timestamptz NOT NULL
);

-- What each import added or changed. For a currency and a day the highest number counts.
CREATE TABLE exchange_rates (
    import   integer NOT NULL REFERENCES rate_imports,
    currency text    NOT NULL CHECK (length(currency) = 3),
    day      date    NOT NULL,
    nano_cny bigint  NOT NULL CHECK (nano_cny > 0), -- billionths of a yuan a unit
    PRIMARY KEY (import, currency, day)
);
CREATE INDEX exchange_rates_of ON exchange_rates (currency, day, import);

-- +goose Down
DROP TABLE exchange_rates, rate_imports;
