package postgres

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/screening"
)

const benchBatch = 1000

// benchSubjects gives a batch of new orders.
func benchSubjects(b *testing.B, n int) []screening.Subject {
	subjects := make([]screening.Subject, benchBatch)
	for i := range subjects {
		subjects[i] = subject(b, fmt.Sprintf("B-%d-%d", n, i), 0)
	}
	return subjects
}

func BenchmarkRecord(b *testing.B) {
	s := open(b)
	batches := make([][]screening.Subject, 0, 1024)
	for n := 0; b.Loop(); n++ {
		b.StopTimer()
		batches = append(batches, benchSubjects(b, n))
		b.StartTimer()
		_, err := s.Record(b.Context(), batches[n], judge)
		require.NoError(b, err)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*benchBatch), "µs/parcel")
}

func BenchmarkLoadOnRoute(b *testing.B) {
	s := open(b)
	for n := 0; b.Loop(); n++ {
		b.StopTimer()
		subjects := benchSubjects(b, n)
		ids := make([]parcel.ID, len(subjects))
		for i := range subjects {
			ids[i] = subjects[i].ID
		}
		_, err := s.Record(b.Context(), subjects, judge)
		require.NoError(b, err)
		b.StartTimer()
		bundle(b, s, noon, ids)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*benchBatch), "µs/parcel")
}
