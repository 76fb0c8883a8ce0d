package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
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

// Park stores records, whatever stands in them; those already stored stay as they are. Key, value and header values are kept as
// they were, and what PostgreSQL cannot hold in a text, which no header name of ours has, is replaced: a record that could not
// even be parked would stop its partition for ever.
func (s *Store) Park(ctx context.Context, records []Parked) error {
	return s.inTx(ctx, "park records", func(tx pgx.Tx) error {
		for i := range records {
			r := &records[i]
			headers, err := json.Marshal(mendedNames(r.Headers))
			if err != nil {
				return fmt.Errorf("headers: %w", err)
			}
			_, err = tx.Exec(ctx, `
				INSERT INTO parked (topic, partition, "offset", key, value, headers, code, detail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
				ON CONFLICT (topic, partition, "offset") DO NOTHING`,
				r.Topic, r.Partition, r.Offset, r.Key, r.Value, headers, mended(r.Code), mended(r.Detail))
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func mendedNames(headers []event.Header) []event.Header {
	out := make([]event.Header, len(headers))
	for i, h := range headers {
		out[i] = event.Header{Key: mended(h.Key), Value: h.Value}
	}
	return out
}

// mended is a text as PostgreSQL takes it: UTF-8 without a NUL.
func mended(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\ufffd"), "\x00", "\ufffd")
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
