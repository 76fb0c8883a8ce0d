package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"gorm.io/gorm"

	"github.com/alataw/alataw/internal/event"
)

// Parked is a queue record that could not be handled, with the reason.
type Parked struct {
	ID         int64          `gorm:"primaryKey"`
	Topic      string         `gorm:"column:topic"`
	Partition  int            `gorm:"column:partition"`
	Offset     int64          `gorm:"column:offset"`
	Key        []byte         `gorm:"column:key"`
	Value      []byte         `gorm:"column:value"`
	Headers    []event.Header `gorm:"column:headers;serializer:json"`
	Code       string         `gorm:"column:code"`
	Detail     string         `gorm:"column:detail"`
	ParkedAt   time.Time      `gorm:"column:parked_at"`
	ReplayedAt *time.Time     `gorm:"column:replayed_at"`
}

// TableName names the table.
func (Parked) TableName() string { return "parked" }

// Park stores records; those already stored stay as they are.
func (s *Store) Park(ctx context.Context, records []Parked) error {
	return s.inTx(ctx, "park records", func(tx pgx.Tx) error {
		for i := range records {
			r := &records[i]
			headers, err := json.Marshal(r.Headers)
			if err != nil {
				return fmt.Errorf("headers: %w", err)
			}
			_, err = tx.Exec(ctx, `
				INSERT INTO parked (topic, partition, "offset", key, value, headers, code, detail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
				ON CONFLICT (topic, partition, "offset") DO NOTHING`,
				r.Topic, r.Partition, r.Offset, r.Key, r.Value, headers, r.Code, r.Detail)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// ParkedRecords lists the records that wait to be replayed (or all), the oldest first, behind an ID.
func (s *Store) ParkedRecords(ctx context.Context, all bool, after int64, limit int) ([]Parked, error) {
	records, err := gorm.G[Parked](s.gorm).Where("id > ? AND (? OR replayed_at IS NULL)", after, all).Order("id").Limit(limit).Find(ctx)
	if err != nil {
		return nil, classify(fmt.Errorf("parked records: %w", err))
	}
	return records, nil
}

// MarkReplayed records that a parked record went back into its topic.
func (s *Store) MarkReplayed(ctx context.Context, id int64, now time.Time) error {
	if _, err := gorm.G[Parked](s.gorm).Where("id = ?", id).Update(ctx, "replayed_at", now); err != nil {
		return classify(fmt.Errorf("mark replayed: %w", err))
	}
	return nil
}
