package postgres

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/event"
	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/review"
	"github.com/alataw/alataw/internal/screening"
)

// at stores an order at another time than now.
func (s *Store) at(t *testing.T, when time.Time, subjects ...screening.Subject) {
	t.Helper()
	then := *s
	then.now = func() time.Time { return when }
	_, err := then.Record(t.Context(), subjects, judge)
	require.NoError(t, err)
}

func TestRetirementDropsWhatWasDeclaredAndKeepsTheRegister(t *testing.T) {
	s := open(t)
	may, june := time.Date(2023, 5, 3, 8, 0, 0, 0, time.UTC), time.Date(2023, 6, 30, 23, 59, 59, 0, time.UTC)
	july := time.Date(2023, 7, 1, 0, 0, 0, 0, time.UTC)
	made, err := s.PrepareMonths(t.Context(), june)
	require.NoError(t, err)
	require.Equal(t, "2023-06", made[0])
	require.Len(t, made, 13)
	again, err := s.PrepareMonths(t.Context(), june)
	require.NoError(t, err)
	require.Empty(t, again, "a month is made once")

	unprepared, old, young := subject(t, "A", 0), subject(t, "B", 0), subject(t, "C", 0)
	s.at(t, may, unprepared)
	s.at(t, june, old)
	s.at(t, july, young)
	require.NoError(t, s.SavePosition(t.Context(), "relay", event.Position{Tx: 1 << 60}))

	would, err := s.Retire(t.Context(), july, true)
	require.NoError(t, err)
	did, err := s.Retire(t.Context(), july, false)
	require.NoError(t, err)
	require.Equal(t, Retired{Months: []string{"2023-06"}, Dockets: 1, Facts: 2}, did)
	require.Equal(t, would, did, "a dry run says what is done")

	p, err := s.Parcel(t.Context(), old.ID, nil)
	require.NoError(t, err)
	require.Nil(t, p.Document)
	require.Equal(t, "B", p.OrderNo)
	require.Equal(t, parcel.Cleared, p.Status)
	p, err = s.Parcel(t.Context(), young.ID, nil)
	require.NoError(t, err)
	require.NotNil(t, p.Document)

	tally, err := s.Record(t.Context(), []screening.Subject{old, subject(t, "A", 0, "Berlin", "Bonn")}, judge)
	require.NoError(t, err)
	require.Equal(t, screening.Tally{Repeated: 1, Conflicts: 1}, tally, "an order number names its parcel for ever")
	none, err := s.Retire(t.Context(), july, false)
	require.NoError(t, err)
	require.Equal(t, Retired{}, none)
}

func TestAMonthWithAnOpenCaseWaits(t *testing.T) {
	s := open(t)
	june := time.Date(2023, 6, 3, 8, 0, 0, 0, time.UTC)
	_, err := s.PrepareMonths(t.Context(), june)
	require.NoError(t, err)
	held := subject(t, "Y1", 0)
	s.at(t, june, held)
	july := june.AddDate(0, 1, -2)
	r, err := s.Retire(t.Context(), july, false)
	require.NoError(t, err)
	require.Equal(t, Retired{Waiting: []string{"2023-06"}}, r)
	desk := review.NewDesk(s, time.Now)
	_, err = desk.Decide(t.Context(), held.ID, review.Decision{Officer: 10, Name: "Li", Action: review.Release, Reason: "papers are in order"})
	require.NoError(t, err)
	r, err = s.Retire(t.Context(), july, false)
	require.NoError(t, err)
	require.Equal(t, []string{"2023-06"}, r.Months)
}

func TestFactsThatTheRelayHasNotReadAreKept(t *testing.T) {
	s := open(t)
	june := time.Date(2023, 6, 3, 8, 0, 0, 0, time.UTC)
	s.at(t, june, subject(t, "A", 0))
	r, err := s.Retire(t.Context(), june.AddDate(1, 0, 0), false)
	require.NoError(t, err)
	require.Zero(t, r.Facts)
}

// What was stored by the schema before dockets is carried over.
func TestDeclarationsOfTheSchemaBeforeAreCarriedOver(t *testing.T) {
	s := open(t)
	url := s.pool.Config().ConnString()
	_, err := s.pool.Exec(t.Context(), `DROP SCHEMA public CASCADE; CREATE SCHEMA public`)
	require.NoError(t, err)
	db, p, err := provider(url)
	require.NoError(t, err)
	_, err = p.UpTo(t.Context(), 2)
	require.NoError(t, err)
	require.NoError(t, db.Close())
	_, err = s.CreateAccount(t.Context(), account.Account{Name: "shop", Role: account.Platform})
	require.NoError(t, err)
	was := subject(t, "A", 0)
	_, err = s.pool.Exec(t.Context(), `
		INSERT INTO parcels (id, account_id, order_no, tracking_no, status, lane, express, destination, weight_g, volume_cm3, consignee, fen,
			fingerprint, declaration, rules, received_at, screened_at)
		VALUES ($1, 1, 'A', 'T-A', 'cleared', 'green', false, 'DE', 500, 1000, 1, 7900, $2, $3, 'test', $4, $4)`,
		[16]byte(was.ID), [16]byte(was.Fingerprint), was.Document, noon)
	require.NoError(t, err)
	_, err = s.pool.Exec(t.Context(), `INSERT INTO facts (kind, account_id, parcel_id, at, by) VALUES ('cleared', 1, $1, $2, 'screening')`, [16]byte(was.ID), noon)
	require.NoError(t, err)

	_, err = Migrate(t.Context(), url)
	require.NoError(t, err)
	stored, err := s.Parcel(t.Context(), was.ID, nil)
	require.NoError(t, err)
	d, err := parcel.Read(stored.Document)
	require.NoError(t, err)
	require.Equal(t, was.Fingerprint, d.Fingerprint())
	require.Len(t, feed(t, s), 1)
}
