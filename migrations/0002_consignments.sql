-- +goose Up

CREATE TABLE routes (
    code           text PRIMARY KEY,
    name           text    NOT NULL,
    mode           text    NOT NULL CHECK (mode IN ('rail', 'road')),
    destinations   jsonb   NOT NULL, -- ISO 3166-1 alpha-2
    legs           jsonb   NOT NULL,
    unit           text    NOT NULL, -- loading unit, e.g. 40HC
    slots          integer NOT NULL CHECK (slots > 0),
    weight_g       bigint  NOT NULL CHECK (weight_g > 0),   -- limits of one unit: weight,
    volume_cm3     bigint  NOT NULL CHECK (volume_cm3 > 0), -- usable volume,
    parcels        integer NOT NULL CHECK (parcels > 0),    -- count
    every_minutes  integer NOT NULL CHECK (every_minutes > 0),
    cutoff_minutes integer NOT NULL CHECK (cutoff_minutes >= 0)
);

CREATE TABLE departures (
    id          uuid PRIMARY KEY,
    route       text        NOT NULL REFERENCES routes,
    mode        text        NOT NULL,
    number      text        NOT NULL,
    cutoff_at   timestamptz NOT NULL,
    departs_at  timestamptz NOT NULL CHECK (departs_at >= cutoff_at),
    unit        text        NOT NULL,
    slots       integer     NOT NULL CHECK (slots > 0),
    weight_g    bigint      NOT NULL,
    volume_cm3  bigint      NOT NULL,
    parcels     integer     NOT NULL,
    opened      integer     NOT NULL DEFAULT 0 CHECK (opened <= slots),
    released_at timestamptz,
    released_by text,
    UNIQUE (route, number)
);
CREATE INDEX departures_cutoff ON departures (cutoff_at, id);
CREATE INDEX departures_route ON departures (route, cutoff_at);

CREATE TABLE consignments (
    id            uuid PRIMARY KEY,
    number        text        NOT NULL UNIQUE,
    route         text        NOT NULL REFERENCES routes,
    departure_id  uuid        NOT NULL REFERENCES departures,
    unit          text        NOT NULL,
    unit_number   text        NOT NULL,
    seal          text        NOT NULL DEFAULT '',
    status        text        NOT NULL CHECK (status IN ('open', 'sealed', 'released', 'departed', 'arrived')),
    holds         jsonb       NOT NULL DEFAULT '[]', -- those not lifted
    parcel_count  integer     NOT NULL DEFAULT 0 CHECK (parcel_count >= 0),
    gross_g       bigint      NOT NULL DEFAULT 0,
    loaded_cm3    bigint      NOT NULL DEFAULT 0,
    weight_g      bigint      NOT NULL,
    volume_cm3    bigint      NOT NULL,
    parcels       integer     NOT NULL,
    full_up       boolean     NOT NULL DEFAULT false,
    next_place    integer     NOT NULL DEFAULT 1,
    legs          jsonb       NOT NULL,
    opened_at     timestamptz NOT NULL,
    sealed_at     timestamptz,
    sealed_for    text        NOT NULL DEFAULT '',
    released_at   timestamptz,
    changed_tx    bigint      NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
    changed_seq   bigint      NOT NULL DEFAULT nextval('facts_seq')
);
CREATE INDEX consignments_feed ON consignments (changed_tx, changed_seq);
CREATE INDEX consignments_departure ON consignments (departure_id);
CREATE INDEX consignments_status ON consignments (status) WHERE status IN ('open', 'sealed');

-- Which parcel is in which unit, and where. A parcel is in one unit at the most.
CREATE TABLE loads (
    parcel_id      uuid PRIMARY KEY,
    consignment_id uuid        NOT NULL,
    place          integer     NOT NULL,
    account_id     integer     NOT NULL,
    weight_g       bigint      NOT NULL,
    volume_cm3     bigint      NOT NULL,
    loaded_at      timestamptz NOT NULL
);
CREATE UNIQUE INDEX loads_place ON loads (consignment_id, place);

-- Cleared parcels that no route serves: listed, not lost.
CREATE TABLE unrouted (
    parcel_id   uuid PRIMARY KEY,
    reason      text        NOT NULL,
    recorded_at timestamptz NOT NULL
);

CREATE TABLE consignment_events (
    consignment_id uuid        NOT NULL REFERENCES consignments,
    id             text        NOT NULL,
    seq            bigint      NOT NULL DEFAULT nextval('facts_seq'),
    type           text        NOT NULL,
    classifier     text        NOT NULL,
    occurred_at    timestamptz NOT NULL,
    recorded_at    timestamptz NOT NULL,
    location       text        NOT NULL,
    leg            integer     NOT NULL,
    by             text        NOT NULL,
    note           text        NOT NULL,
    PRIMARY KEY (consignment_id, id)
);

-- Routes by the default port choice of the railways: Europe and Russia through Alashankou, Central Asia through Khorgos.
-- Limits: payload and usable volume (0.85 of the geometric) of the unit; a count that people can still unload in a shift.
-- Slots: 55 forty-foot units on a train since 2023, one on a truck.
INSERT INTO routes (code, name, mode, destinations, legs, unit, slots, weight_g, volume_cm3, parcels, every_minutes, cutoff_minutes) VALUES
('CN-EU', 'China–Europe rail by Alashankou, Dostyk, Małaszewicze and Duisburg, then by road', 'rail',
 '["AT","BE","BG","CH","CZ","DE","DK","EE","ES","FI","FR","GB","GR","HR","HU","IE","IT","LI","LT","LU","LV","MC","NL","NO","PL","PT","RO","SE","SI","SK"]',
 '[{"mode":"rail","from":"CNAKL","to":"KZDOS","gauge":1435,"hours":3},
   {"mode":"rail","from":"KZDOS","to":"PLMAA","gauge":1520,"hours":168},
   {"mode":"rail","from":"PLMAA","to":"DEDUI","gauge":1435,"hours":48},
   {"mode":"road","from":"DEDUI","to":"","hours":48}]',
 '40HC', 55, 26540000, 64855000, 20000, 60, 15),
('CN-CA', 'Central Asia rail by Khorgos, Altynkol and Tashkent', 'rail', '["UZ","KG","TJ","TM","AF"]',
 '[{"mode":"rail","from":"CNHRS","to":"KZHOR","gauge":1435,"hours":2},
   {"mode":"rail","from":"KZHOR","to":"UZTAS","gauge":1520,"hours":72}]',
 '40HC', 50, 26540000, 64855000, 20000, 240, 30),
('CN-KZ', 'Kazakhstan truck by Khorgos and Almaty', 'road', '["KZ"]',
 '[{"mode":"road","from":"CNHRS","to":"KZALA","hours":12}]',
 'TRAILER13.6', 1, 24000000, 76500000, 20000, 30, 10),
('CN-RU', 'Russia rail by Alashankou, Dostyk and Moscow', 'rail', '["RU","BY","AM"]',
 '[{"mode":"rail","from":"CNAKL","to":"KZDOS","gauge":1435,"hours":3},
   {"mode":"rail","from":"KZDOS","to":"RUMOW","gauge":1520,"hours":144}]',
 '40HC', 55, 26540000, 64855000, 20000, 120, 30);

-- +goose Down
DROP TABLE consignment_events, unrouted, loads, consignments, departures, routes;
