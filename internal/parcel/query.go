package parcel

import "github.com/alataw/alataw/internal/account"

// Query selects parcels, in the order of their IDs. Its zero value selects all.
type Query struct {
	Account    *account.ID // only this platform's
	OrderNo    string
	TrackingNo string
	Status     Status // as a caller sees it: the consignment's progress included
	Unrouted   bool   // only those that no route serves
	After      ID     // only those behind it
	Limit      int
}
