-- +goose Up

-- Bundling asks which of the parcels it is to load are not cleared any more: a few in a hundred of the register, found here.
CREATE INDEX parcels_not_cleared ON parcels (id) WHERE status <> 'cleared';

-- +goose Down
DROP INDEX parcels_not_cleared;
