package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/alataw/alataw/internal/fault"
)

// The kinds of profiles.
const (
	PricesProfile = "prices"
	RiskProfile   = "risk"
)

// Profile is what was learned of prices or of risk, as it is stored. Its version names its data.
type Profile struct {
	Kind      string
	Version   string
	Data      []byte
	LearnedAt time.Time
	FromAt    time.Time // the period that it was learned from
	ToAt      time.Time
	Samples   int64 // prices or outcomes
}

// SaveProfile stores a profile and puts it in force. One that was learned before is in force again.
func (s *Store) SaveProfile(ctx context.Context, p Profile) error {
	_, err := s.pool.Exec(ctx, `
		INSERT INTO profiles (kind, version, data, learned_at, from_at, to_at, samples) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (kind, version) DO UPDATE SET learned_at = excluded.learned_at, from_at = excluded.from_at, to_at = excluded.to_at,
			samples = excluded.samples`, p.Kind, p.Version, p.Data, p.LearnedAt, p.FromAt, p.ToAt, p.Samples)
	if err != nil {
		return classify(fmt.Errorf("save profile of %s: %w", p.Kind, err))
	}
	return nil
}

// ProfilesState gives a text that changes whenever other profiles are put in force. It is cheap enough to be asked every second.
func (s *Store) ProfilesState(ctx context.Context) (state string, err error) {
	err = s.pool.QueryRow(ctx, `
		SELECT coalesce((SELECT version FROM profiles WHERE kind = 'prices' ORDER BY learned_at DESC LIMIT 1), '')
			|| ' ' || coalesce((SELECT version FROM profiles WHERE kind = 'risk' ORDER BY learned_at DESC LIMIT 1), '')`).Scan(&state)
	if err != nil {
		return "", classify(fmt.Errorf("state of profiles: %w", err))
	}
	return state, nil
}

// ProfileLearned tells when the profile of a kind that is in force was learned, and from how many samples; zero where there is none.
func (s *Store) ProfileLearned(ctx context.Context, kind string) (at time.Time, samples int64, err error) {
	err = s.pool.QueryRow(ctx, `SELECT learned_at, samples FROM profiles WHERE kind = $1 ORDER BY learned_at DESC LIMIT 1`, kind).Scan(&at, &samples)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return time.Time{}, 0, classify(fmt.Errorf("age of profile: %w", err))
	}
	return at, samples, nil
}

// ProfileInForce gives the profile of a kind that was learned last; nil where there is none.
func (s *Store) ProfileInForce(ctx context.Context, kind string) (*Profile, error) {
	return s.profile(ctx, `WHERE kind = $1 ORDER BY learned_at DESC LIMIT 1`, kind)
}

// ProfileOf gives the profile of a kind that a version names.
func (s *Store) ProfileOf(ctx context.Context, kind, version string) (*Profile, error) {
	p, err := s.profile(ctx, `WHERE kind = $1 AND version = $2`, kind, version)
	if err == nil && p == nil {
		err = fault.New(fault.NotFound, "profile_not_found", "there is no profile of %s of version %s", kind, version)
	}
	return p, err
}

func (s *Store) profile(ctx context.Context, where string, args ...any) (*Profile, error) {
	rows, err := s.pool.Query(ctx, `SELECT kind, version, data, learned_at, from_at, to_at, samples FROM profiles `+where, args...)
	if err != nil {
		return nil, classify(fmt.Errorf("profile: %w", err))
	}
	p, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Profile])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil //nolint:nilnil // there need not be one
	}
	if err != nil {
		return nil, classify(fmt.Errorf("profile: %w", err))
	}
	return &p, nil
}
