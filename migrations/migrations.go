// Package migrations holds the database's schema, step by step. A merged step never changes; a correction is another step.
package migrations

import "embed"

// Files are the steps, in goose's format.
//
//go:embed *.sql
var Files embed.FS
