package api

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/review"
	"github.com/alataw/alataw/internal/watchlist"
)

// ListStore keeps watch lists, and what officers say of those they name.
type ListStore interface {
	ListsInForce(ctx context.Context) ([]watchlist.Edition, error)
	TrustPair(ctx context.Context, p watchlist.Pair) error
	EndPair(ctx context.Context, id, by string, now time.Time) (watchlist.Pair, error)
	TrustedPairs(ctx context.Context, q watchlist.PairQuery) ([]watchlist.Pair, error)
}

// WatchList is a version of a publisher's list that is in force.
type WatchList struct {
	Source      string  `json:"source" example:"un"`
	Version     string  `json:"version" example:"2026-02-27-594aac4ba6d6"`                                              // a date, and 12 digits of a hash over the entries
	Hash        string  `json:"hash" example:"a3df04e0e88d44e60b10b98eff43a34faa08ebe3a5cf54aa89a99c4b6bf4f965"`        // SHA-256 over the publisher's files; empty for what was imported before hashes were kept
	PublishedAt *string `json:"published_at" format:"date-time" extensions:"x-nullable" example:"2026-02-27T00:00:09Z"` // as the publisher says
	ImportedAt  string  `json:"imported_at" format:"date-time" example:"2026-11-22T08:00:00Z"`
	ImportedBy  string  `json:"imported_by" example:"refresh"`
	CheckedAt   string  `json:"checked_at" format:"date-time" example:"2026-11-22T14:00:00Z"` // when it was last known to be what the publisher has
	Parties     int     `json:"parties" example:"1003"`
	Aliases     int     `json:"aliases" example:"3118"`
} //	@name	WatchList

func watchListOf(e watchlist.Edition) WatchList {
	return WatchList{
		Source: e.Source, Version: e.Version, Hash: e.Hash, PublishedAt: instantOrNull(e.PublishedAt), ImportedAt: instant(e.ImportedAt),
		ImportedBy: e.ImportedBy, CheckedAt: instant(e.CheckedAt), Parties: e.Parties, Aliases: e.Aliases,
	}
}

// listWatchLists lists the versions in force.
//
//	@Summary		List the watch lists in force
//	@Description	All of them, by source. Each parcel is compared with one set of lists whole.
//	@Tags			lists
//	@Security		bearer
//	@Success		200	{object}	Page[WatchList]
//	@Failure		400	{object}	Problem
//	@Failure		503	{object}	Problem
//	@Router			/v1/lists [get]
func (d *door) listWatchLists(c *gin.Context) (any, error) {
	if err := readQuery(c.Request.URL).err(); err != nil {
		return nil, err
	}
	lists, err := d.deps.Lists.ListsInForce(c.Request.Context())
	if err != nil {
		return nil, err
	}
	return Page[WatchList]{Data: convert(lists, watchListOf)}, nil
}

// TrustedPair is an officer's word that a consignee is not a listed party. It holds for parcels received from when it was made until it
// expires or is ended, to this name and country.
type TrustedPair struct {
	ID        string  `json:"id" example:"trp_k5vq2m7xw3c4t6hn2rj7d5f2ya"`
	List      string  `json:"list" example:"un"`
	Entry     string  `json:"entry" example:"QDi.006"`
	Name      string  `json:"name" example:"badenov boris"` // the consignee's, normalised
	Country   string  `json:"country" example:"DE"`
	ParcelID  string  `json:"parcel_id" example:"pcl_cbmqkhnqktt3tcu3ejcy3stofu"` // that was looked at
	Reason    string  `json:"reason" example:"born in 1994, the listed one in 1951"`
	Officer   int     `json:"officer" example:"3"`
	MadeBy    string  `json:"made_by" example:"customs-1"`
	MadeAt    string  `json:"made_at" format:"date-time" example:"2026-11-22T08:10:00Z"`
	ExpiresAt string  `json:"expires_at" format:"date-time" example:"2027-11-22T00:00:00Z"`
	EndedBy   *string `json:"ended_by" extensions:"x-nullable"`
	EndedAt   *string `json:"ended_at" format:"date-time" extensions:"x-nullable"`
} //	@name	TrustedPair

// TrustedPairRequest says that the consignee of a parcel is not the party that it was found to be like.
type TrustedPairRequest struct {
	ParcelID  string `json:"parcel_id" binding:"required" example:"pcl_cbmqkhnqktt3tcu3ejcy3stofu"`
	List      string `json:"list" binding:"required" example:"un"`
	Entry     string `json:"entry" binding:"required" maxLength:"200" example:"QDi.006"`
	Reason    string `json:"reason" binding:"required" maxLength:"500" example:"born in 1994, the listed one in 1951"`
	ExpiresAt string `json:"expires_at" binding:"required" format:"date-time" example:"2027-11-22T00:00:00Z"` // at most two years ahead
} //	@name	TrustedPairRequest

func trustedPairOf(p watchlist.Pair) TrustedPair {
	return TrustedPair{
		ID: p.ID, List: p.List, Entry: p.Entry, Name: p.Name, Country: p.Country, ParcelID: p.Parcel, Reason: p.Reason, Officer: int(p.Officer),
		MadeBy: p.MadeBy, MadeAt: instant(p.MadeAt), ExpiresAt: instant(p.ExpiresAt), EndedBy: textOrNull(p.EndedBy), EndedAt: instantOrNull(p.EndedAt),
	}
}

const (
	longestTrust = 2 * 366 * 24 * time.Hour // people and lists change: after it an officer looks again
	longestEntry = 200
)

// check gives what is asked for, or all that is wrong with it.
func (r TrustedPairRequest) check(now time.Time) (id parcel.ID, expires time.Time, err error) {
	var f form
	id, err = parcel.ParseID(r.ParcelID)
	if err != nil {
		f.refuse("parcel_id", "format", "this is no id of a parcel")
	}
	f.text("list", r.List, true, longestEntry)
	f.text("entry", r.Entry, true, longestEntry)
	f.text("reason", r.Reason, true, longestReason)
	expires = f.time("expires_at", r.ExpiresAt)
	if f.err() == nil && (!expires.After(now) || expires.Sub(now) > longestTrust) {
		f.refuse("expires_at", "range", "this lies ahead, by two years at the most")
	}
	return id, expires.Truncate(time.Microsecond), f.err()
}

// trustPair records an officer's word.
//
//	@Summary		Trust a pair
//	@Description	The consignee of the parcel is not the party of the list that it was found to be like. Parcels received from now on to the same name (case, accents, punctuation and the order of words aside) in the same country are not held for that entry, until the word expires. The parcel itself is decided as any other. 409 not_matched: the parcel was not found to be like that entry; 409 pair_in_force: the same is said already.
//	@Tags			lists
//	@Security		bearer
//	@Param			pair	body		TrustedPairRequest	true	"who is not whom, why, and until when"
//	@Success		201		{object}	TrustedPair
//	@Failure		400		{object}	Problem
//	@Failure		404		{object}	Problem
//	@Failure		409		{object}	Problem
//	@Failure		413		{object}	Problem
//	@Failure		415		{object}	Problem
//	@Failure		422		{object}	Problem
//	@Failure		503		{object}	Problem
//	@Router			/v1/trusted-pairs [post]
func (d *door) trustPair(c *gin.Context) (any, error) {
	request, err := readRequest[TrustedPairRequest](d, c)
	if err != nil {
		return nil, err
	}
	now := d.deps.Now().UTC().Truncate(time.Microsecond)
	id, expires, err := request.check(now)
	if err != nil {
		return nil, err
	}
	found, err := d.deps.Parcels.Parcel(c.Request.Context(), id, nil)
	if err != nil {
		return nil, orNotStored(err)
	}
	pair, err := review.PairOf(found, request.List, request.Entry)
	if err != nil {
		return nil, err
	}
	by := officer(c)
	pair.ID, pair.Reason = "trp_"+strings.ToLower(rand.Text()), request.Reason
	pair.Officer, pair.MadeBy, pair.MadeAt, pair.ExpiresAt = by.ID, by.Name, now, expires
	if err := d.deps.Lists.TrustPair(c.Request.Context(), pair); err != nil {
		return nil, err
	}
	return trustedPairOf(pair), nil
}

// listTrustedPairs lists pairs, the newest first.
//
//	@Summary		List trusted pairs
//	@Description	The newest first, ended and expired ones too unless only those in force are asked for.
//	@Tags			lists
//	@Security		bearer
//	@Param			list		query		string	false	"of this list"
//	@Param			entry		query		string	false	"of this entry"
//	@Param			in_force	query		bool	false	"only those that neither expired nor ended"
//	@Param			cursor		query		string	false	"next_cursor of the page before"
//	@Param			limit		query		int		false	"most on a page"	minimum(1)	maximum(500)	default(100)
//	@Success		200			{object}	Page[TrustedPair]
//	@Failure		400			{object}	Problem
//	@Failure		503			{object}	Problem
//	@Router			/v1/trusted-pairs [get]
func (d *door) listTrustedPairs(c *gin.Context) (any, error) {
	q := readQuery(c.Request.URL, "list", "entry", "in_force", "cursor", "limit")
	want := watchlist.PairQuery{List: q.get("list"), Entry: q.get("entry"), InForce: q.flag("in_force"), Now: d.deps.Now().UTC(), Limit: q.limit()}
	if err := q.err(); err != nil {
		return nil, err
	}
	l := listOf("trusted-pairs", caller(c).ID, q)
	if cursor := q.get("cursor"); cursor != "" {
		place, err := l.place(cursor)
		if err != nil {
			return nil, err
		}
		if want.After, err = readPairPlace(place); err != nil {
			return nil, unknownCursor()
		}
	}
	limit := want.Limit
	want.Limit++ // one more tells whether this is the last page
	pairs, err := d.deps.Lists.TrustedPairs(c.Request.Context(), want)
	if err != nil {
		return nil, err
	}
	pairs, next := cut(l, pairs, limit, pairPlace)
	return Page[TrustedPair]{Data: convert(pairs, trustedPairOf), NextCursor: next}, nil
}

func pairPlace(p watchlist.Pair) string { return fmt.Sprintf("%d %s", p.MadeAt.UnixMicro(), p.ID) }

func readPairPlace(place string) (p watchlist.PairPlace, err error) {
	var micros int64
	if _, err := fmt.Sscanf(place, "%d %s", &micros, &p.ID); err != nil {
		return p, fmt.Errorf("place %q: %w", place, err)
	}
	p.MadeAt = time.UnixMicro(micros).UTC()
	return p, nil
}

// endTrustedPair ends a pair. It stays listed.
//
//	@Summary		End a trusted pair
//	@Description	Parcels received from now on are compared with the entry again. The record stays; ending it again changes nothing.
//	@Tags			lists
//	@Security		bearer
//	@Param			id	path		string	true	"id of the pair"
//	@Success		200	{object}	TrustedPair
//	@Failure		404	{object}	Problem
//	@Failure		503	{object}	Problem
//	@Router			/v1/trusted-pairs/{id} [delete]
func (d *door) endTrustedPair(c *gin.Context) (any, error) {
	id := c.Param("id")
	if !storable(id) {
		return nil, noSuch("trusted pair")
	}
	ended, err := d.deps.Lists.EndPair(c.Request.Context(), id, officer(c).Name, d.deps.Now().UTC().Truncate(time.Microsecond))
	if err != nil {
		return nil, err
	}
	return trustedPairOf(ended), nil
}
