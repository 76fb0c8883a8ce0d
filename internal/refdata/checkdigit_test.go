package refdata_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/alataw/alataw/internal/refdata"
)

const creditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

func TestS10(t *testing.T) {
	cases := []struct {
		number      string
		form, valid bool
	}{
		{"RB123456785GB", true, true},
		{"RB123456786US", true, false},
		{"LX724747595CN", true, true},  // remainder 6: 5
		{"EE000000005CN", true, true},  // remainder 0: 11, written 5
		{"EE000000080CN", true, true},  // remainder 1: 10, written 0
		{"EE000000000CN", true, false}, // all zeros do not make 0
		{"rb123456785gb", false, false},
		{"RB12345678GB", false, false},
		{"RB1234567855GB", false, false},
		{"RB12345678XGB", false, false},
		{"R1123456785GB", false, false},
		{"RB123456785G1", false, false},
		{"RB 23456785GB", false, false},
		{"", false, false},
	}
	for _, c := range cases {
		require.Equal(t, c.form, refdata.S10Form(c.number), c.number)
		require.Equal(t, c.valid, refdata.S10Valid(c.number), c.number)
	}
}

func TestCreditCode(t *testing.T) {
	for _, code := range []string{
		"91650000MA0000001N", "91330100799655058B", "914403001922038216", "9144030071526726XG", "91110000802100433B",
	} {
		require.True(t, refdata.CreditCodeValid(code), code)
	}
	for _, code := range []string{
		"", "91650000MA0000001", "91650000MA0000001NN", "91650000MA0000001P", "91650000MA000000I1", "9165000OMA0000001N",
		"91650000ma0000001n", "91650000MA0000001 ", "91650000MÄ000001N",
	} {
		require.False(t, refdata.CreditCodeValid(code), code)
	}
}

func TestCustomsRegistrationForm(t *testing.T) {
	for _, number := range []string{"6501960ABC", "3301962345", "0000000000"} {
		require.True(t, refdata.CustomsRegistrationForm(number), number)
	}
	for _, number := range []string{"", "650196012", "65019601234", "650196012a", "65019-0123", "6501960 12", "650196012中"} {
		require.False(t, refdata.CustomsRegistrationForm(number), number)
	}
}

func TestContainer(t *testing.T) {
	numbers := []string{
		"CSQU3054383", "BEAU5694302", "GVTU3000389",
		"AAAU0000060", "AAAU0000080", // remainders 10 and 0 are both written 0
	}
	for _, number := range numbers {
		check, ok := refdata.ContainerCheckDigit(number[:10])
		require.True(t, ok, number)
		require.Equal(t, string(number[10]), string(check), number)
		require.True(t, refdata.ContainerValid(number), number)
	}
	for _, number := range []string{
		"", "CSQU305438", "CSQU3054384", "CSQU30543833", "csqu3054383", "CSQA3054383", "CS1U3054383", "CSQU30543X3", "CSQU 3054383",
	} {
		require.False(t, refdata.ContainerValid(number), number)
	}
	for _, first := range []string{"", "CSQU30543", "CSQU3054383", "CSQX305438", "CSQU30543A"} {
		_, ok := refdata.ContainerCheckDigit(first)
		require.False(t, ok, first)
	}
}

// complete finds the one check character out of an alphabet that makes a number valid.
func complete(t *rapid.T, head, tail, alphabet string, valid func(string) bool) string {
	var found []string
	for _, check := range alphabet {
		if number := head + string(check) + tail; valid(number) {
			found = append(found, number)
		}
	}
	require.Len(t, found, 1, "exactly one check character fits %s?%s", head, tail)
	return found[0]
}

// misread changes the character at one position into another of the alphabet.
func misread(t *rapid.T, number string, at int, alphabet string) string {
	others := strings.ReplaceAll(alphabet, number[at:at+1], "")
	other := rapid.SampledFrom([]byte(others)).Draw(t, "misread")
	return number[:at] + string(other) + number[at+1:]
}

func TestS10SeesOneWrongDigit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		head := rapid.StringMatching(`[A-Z]{2}[0-9]{8}`).Draw(t, "head")
		tail := rapid.StringMatching(`[A-Z]{2}`).Draw(t, "country")
		number := complete(t, head, tail, "0123456789", refdata.S10Valid)
		require.True(t, refdata.S10Form(number))

		require.False(t, refdata.S10Valid(misread(t, number, 10, "0123456789")), "the check digit itself")
		if number[10] != '5' { // 5 stands for two remainders and promises nothing
			at := rapid.IntRange(2, 9).Draw(t, "position")
			require.False(t, refdata.S10Valid(misread(t, number, at, "0123456789")))
		}
	})
}

func TestCreditCodeSeesOneWrongCharacter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		head := rapid.StringMatching("["+creditAlphabet+"]{17}").Draw(t, "head")
		code := complete(t, head, "", creditAlphabet, refdata.CreditCodeValid)
		at := rapid.IntRange(0, 17).Draw(t, "position")
		require.False(t, refdata.CreditCodeValid(misread(t, code, at, creditAlphabet)))
		require.False(t, refdata.CreditCodeValid(misread(t, code, at, "IOSVZiosvz -中")), "foreign letters")
	})
}

func TestContainerSeesOneWrongDigit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		head := rapid.StringMatching(`[A-Z]{3}[UJZ][0-9]{6}`).Draw(t, "head")
		number := complete(t, head, "", "0123456789", refdata.ContainerValid)

		require.False(t, refdata.ContainerValid(misread(t, number, 10, "0123456789")), "the check digit itself")
		if number[10] != '0' { // 0 stands for two remainders and promises nothing
			at := rapid.IntRange(4, 9).Draw(t, "position")
			require.False(t, refdata.ContainerValid(misread(t, number, at, "0123456789")))
		}
	})
}

func TestCheckDigitsTakeAnyString(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.StringMatching(`[0-9A-Z]{9,19}`)).Draw(t, "number")
		if refdata.S10Valid(s) {
			require.True(t, refdata.S10Form(s))
		}
		if refdata.CreditCodeValid(s) {
			require.Len(t, s, 18)
		}
		if refdata.ContainerValid(s) {
			require.Len(t, s, 11)
		}
		if refdata.CustomsRegistrationForm(s) {
			require.Len(t, s, 10)
		}
	})
}
