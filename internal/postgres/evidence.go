package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/screening"
)

// Evidence gives what is kept of a parcel's verdict, and when it was given. Reasons that came after it, of other versions of the
// rules, are left out. It is fault.NotFound for no parcel, one whose declaration is not kept any longer, and one judged before
// rules were kept.
func (s *Store) Evidence(ctx context.Context, id parcel.ID) (e screening.Evidence, judgedAt time.Time, err error) {
	var reasons, verdict, past, basis []byte
	var owner int32
	var place leafPlace
	err = s.pool.QueryRow(ctx, `
		SELECT p.account_id, p.batch, p.leaf, p.screened_at, p.received_at, p.reasons, p.verdict, p.past, p.rules, b.basis
		FROM parcels p LEFT JOIN bases b ON b.rules = p.rules WHERE p.id = $1`, [16]byte(id)).
		Scan(&owner, &place.batch, &place.leaf, &place.filed, &e.Declared.ReceivedAt, &reasons, &verdict, &past, &e.Rules, &basis)
	if errors.Is(err, pgx.ErrNoRows) {
		return e, judgedAt, errNoParcel(id)
	}
	if err != nil {
		return e, judgedAt, classify(fmt.Errorf("evidence: %w", err))
	}
	if basis == nil {
		return e, judgedAt, fault.New(fault.NotFound, "basis_not_found", "the parcel was judged by rules %s, of which nothing is kept", e.Rules)
	}
	if e.Declared, err = s.declaredAgain(ctx, id, account.ID(owner), e.Declared.ReceivedAt, place); err != nil {
		return e, judgedAt, err
	}
	if verdict != nil { // reasons were added since; this is what it had at first
		var first parcel.Verdict
		err = unmarshal(verdict, &first)
		reasons, e.Reasons = nil, first.Reasons
	}
	err = errors.Join(err, unmarshal(reasons, &e.Reasons), unmarshal(past, &e.Past), json.Unmarshal(basis, &e.Basis))
	if err != nil {
		return e, judgedAt, fmt.Errorf("evidence of parcel %s: %w", id, err)
	}
	return e.OfVerdict(), place.filed, nil
}

// declaredAgain gives a parcel as it came out of the queue.
func (s *Store) declaredAgain(ctx context.Context, id parcel.ID, owner account.ID, received time.Time, place leafPlace) (parcel.Declared, error) {
	d := parcel.Declared{ID: id, Account: owner, ReceivedAt: received}
	documents, err := readDeclarations(ctx, s.pool, []leafPlace{place})
	if err != nil {
		return d, classify(err)
	}
	if d.Document = documents[0]; d.Document == nil {
		return d, fault.New(fault.Conflict, "declaration_retired", "the declaration of parcel %s is not kept any longer", id)
	}
	d.Declaration, err = readStored(d.Document)
	return d, err
}
