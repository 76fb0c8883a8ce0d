-- +goose Up

-- What parcels declared, apart from the register that parcels is: packed, some dozens together, and kept by the month, so that
-- a month can be dropped as a whole when it need not be kept any longer. The register stays: order numbers name parcels for ever.
CREATE SEQUENCE batches_seq;
CREATE TABLE dockets (
    batch        bigint      NOT NULL, -- parcels judged together,
    sheet        integer     NOT NULL, -- 32 to a sheet in the order of their leaves
    filed_at     timestamptz NOT NULL, -- when they were judged: screened_at of each
    packing      text        NOT NULL CHECK (packing IN ('plain', 's2')),
    declarations bytea       NOT NULL, -- each behind its length, 4 bytes with the highest first
    PRIMARY KEY (batch, sheet, filed_at)
) PARTITION BY RANGE (filed_at);
ALTER TABLE dockets ALTER COLUMN declarations SET STORAGE EXTERNAL; -- it is packed already
CREATE TABLE dockets_default PARTITION OF dockets DEFAULT; -- so that a month nobody has prepared loses nothing

ALTER TABLE parcels ADD COLUMN batch bigint, ADD COLUMN leaf integer;
UPDATE parcels SET batch = nextval('batches_seq'), leaf = 0;
INSERT INTO dockets (batch, sheet, filed_at, packing, declarations)
SELECT batch, 0, screened_at, 'plain', int4send(octet_length(convert_to(declaration::text, 'UTF8'))) || convert_to(declaration::text, 'UTF8') FROM parcels;
ALTER TABLE parcels ALTER COLUMN batch SET NOT NULL, ALTER COLUMN leaf SET NOT NULL, DROP COLUMN declaration;

-- A verdict is told once for all parcels of a platform that a batch gives it to: one row instead of a thousand.
ALTER TABLE facts ADD COLUMN parcels uuid[], ADD COLUMN decided bytea; -- decided is what bundling needs to know of them, ready for the queue
ALTER TABLE facts ALTER COLUMN parcels SET STORAGE EXTERNAL, ALTER COLUMN decided SET STORAGE EXTERNAL; -- hashes do not compress
ALTER TABLE facts DROP CONSTRAINT facts_check;
ALTER TABLE facts ADD CONSTRAINT facts_about CHECK (num_nonnulls(parcel_id, consignment_id, parcels) = 1);

-- A parcel that was taken out of its unit again. What was told of it before stays told: in its history, and to readers who come late.
CREATE TABLE unloaded (
    consignment_id uuid    NOT NULL,
    place          integer NOT NULL,
    parcel_id      uuid    NOT NULL,
    account_id     integer NOT NULL,
    tx             bigint  NOT NULL DEFAULT pg_current_xact_id()::text::bigint, -- that took it out
    PRIMARY KEY (consignment_id, place)
);
CREATE INDEX unloaded_parcel ON unloaded (parcel_id);

-- It is only asked for equality, and hashing costs a parcel 2 µs less than finding its place among texts.
DROP INDEX parcels_tracking;
CREATE INDEX parcels_tracking ON parcels USING hash (tracking_no);

-- Rows are stored once and looked up by key: vacuum and analyze need not come back at every fifth more, which a new database
-- reaches every few seconds (9 µs a parcel).
ALTER TABLE parcels SET (autovacuum_vacuum_insert_scale_factor = 1, autovacuum_vacuum_insert_threshold = 1000000, autovacuum_analyze_scale_factor = 0.5, autovacuum_analyze_threshold = 10000);
ALTER TABLE loads SET (autovacuum_vacuum_insert_scale_factor = 1, autovacuum_vacuum_insert_threshold = 1000000, autovacuum_analyze_scale_factor = 0.5, autovacuum_analyze_threshold = 10000);

-- +goose Down
-- Declarations that are packed cannot be unpacked in SQL: a dump made before the upgrade is the way back.
DO $$ BEGIN RAISE EXCEPTION 'schema 3 cannot be taken back: restore the dump made before the upgrade'; END $$;
