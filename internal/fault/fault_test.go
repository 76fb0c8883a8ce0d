package fault

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAFaultKeepsItsKindUnderWrapping(t *testing.T) {
	cause := errors.New("connection refused")
	err := fmt.Errorf("record verdicts: %w", Wrap(cause, Unavailable, "database_unavailable", "try %s", "again"))
	require.Equal(t, Unavailable, KindOf(err))
	require.ErrorIs(t, err, cause)
	require.Equal(t, Internal, KindOf(cause), "what nobody classified is our own bug")
	code, detail := Describe(err)
	require.Equal(t, "database_unavailable", code)
	require.Equal(t, "try again", detail, "the cause is for the log")
	code, detail = Describe(Fields([]Field{{Pointer: "/items", Code: "items.required", Detail: "at least one"}}))
	require.Equal(t, "invalid_declaration", code)
	require.Contains(t, detail, "/items items.required")
	code, _ = Describe(cause)
	require.Equal(t, "internal", code)
}

func TestEveryKindHasAName(t *testing.T) {
	names := map[string]bool{}
	for k := Internal; k <= Unavailable; k++ {
		names[k.String()] = true
	}
	require.Len(t, names, int(Unavailable)+1)
}
