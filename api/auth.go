package api

import (
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/alataw/alataw/internal/account"
	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/review"
)

const (
	codeMissingKey = "missing_key"
	codeUnknownKey = "unknown_key"
)

// authenticate finds out who calls, and whether the route is theirs to call.
func (d *door) authenticate(c *gin.Context, roles []account.Role) error {
	key, err := bearer(c.Request.Header.Values("Authorization"))
	if err != nil {
		return err
	}
	who, err := d.deps.Keys.Account(c.Request.Context(), account.Hash(key))
	if err != nil {
		if fault.KindOf(err) == fault.Unauthenticated {
			return unknownKey()
		}
		return err
	}
	visitOf(c).account = who
	if who.Role != account.Admin && !slices.Contains(roles, who.Role) {
		return fault.New(fault.Forbidden, "wrong_role", "this is not for the role %s", who.Role)
	}
	return nil
}

// bearer reads RFC 6750's header. A text that cannot be a key is answered without asking for it.
func bearer(headers []string) (string, error) {
	if len(headers) == 0 {
		return "", fault.New(fault.Unauthenticated, codeMissingKey, "send your key as Authorization: Bearer <key>")
	}
	scheme, key, found := strings.Cut(headers[0], " ")
	if len(headers) > 1 || !found || !strings.EqualFold(scheme, "Bearer") {
		return "", fault.New(fault.Unauthenticated, codeMissingKey, "send your key as Authorization: Bearer <key>, once")
	}
	key = strings.TrimSpace(key)
	if !account.WellFormed(key) {
		return "", unknownKey()
	}
	return key, nil
}

func unknownKey() error {
	return fault.New(fault.Unauthenticated, codeUnknownKey, "this is no key of ours, or it was revoked")
}

// caller is who asks.
func caller(c *gin.Context) account.Account { return visitOf(c).account }

// owner is whose parcels the caller may see: a platform's own, or, for nil, everybody's.
func owner(who account.Account) *account.ID {
	if who.Role == account.Platform {
		return &who.ID
	}
	return nil
}

// servedRoutes are the routes the caller may see: a carrier's own, or, for nil, all.
func servedRoutes(who account.Account) []string {
	if who.Role != account.Carrier {
		return nil
	}
	if who.Routes == nil {
		return []string{} // serves none, which is not all
	}
	return who.Routes
}

func officer(c *gin.Context) review.Officer {
	who := caller(c)
	return review.Officer{ID: who.ID, Name: who.Name}
}
