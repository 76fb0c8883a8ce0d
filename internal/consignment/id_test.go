package consignment

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestIDsAreReadBackAsPrinted(t *testing.T) {
	t.Parallel()
	departure := DeriveDepartureID("CN-EU", "X8001-20261122-0500")
	unit := DeriveID(departure, 1)
	readDeparture, err := ParseDepartureID(departure.String())
	require.NoError(t, err)
	require.Equal(t, departure, readDeparture)
	readUnit, err := ParseID(unit.String())
	require.NoError(t, err)
	require.Equal(t, unit, readUnit)

	_, err = ParseID(departure.String())
	require.Error(t, err, "a departure is no unit")
	_, err = ParseDepartureID(unit.String())
	require.Error(t, err)
}

func TestIDsDifferByEveryPart(t *testing.T) {
	t.Parallel()
	require.NotEqual(t, DeriveDepartureID("CN-E", "UX"), DeriveDepartureID("CN-EU", "X"), "parts do not run together")
	require.NotEqual(t, DeriveID(DeriveDepartureID("CN-EU", "X"), 1), DeriveID(DeriveDepartureID("CN-EU", "X"), 2))
	require.NotEqual(t, DeriveID(DeriveDepartureID("CN-EU", "X"), 1), DeriveID(DeriveDepartureID("CN-EU", "Y"), 1))
}
