package api

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/ruleset"
)

// requireMatch is 412 with a code unless If-Match names the current answer (RFC 9110 §13.1.1: the strong comparison).
func requireMatch(c *gin.Context, current any, code, why string) error {
	data, err := json.Marshal(current, answerOptions)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	tag := tagOf(data)
	for _, line := range c.Request.Header.Values("If-Match") {
		for have := range strings.SplitSeq(line, ",") {
			if have = strings.TrimSpace(have); have == "*" || have == tag {
				return nil
			}
		}
	}
	return statusError{http.StatusPreconditionFailed, fault.New(fault.Conflict, code, "%s", why)}
}

// staleOr is 412 where what the caller saw, or we read a moment ago for it, has been changed since.
func staleOr(err error) error {
	if f, ok := errors.AsType[*fault.Error](err); ok && ruleset.Stale(err) {
		return statusError{http.StatusPreconditionFailed, f}
	}
	return err
}
