package load

// appendS10 appends an item number of UPU S10: two letters of the service, eight digits, their check digit, the country.
func appendS10(buf []byte, service string, serial uint32, country string) []byte {
	buf = append(buf, service...)
	at := len(buf)
	buf = append(buf, "00000000"...)
	for i := len(buf) - 1; i >= at; i-- {
		buf[i] = '0' + byte(serial%10)
		serial /= 10
	}
	return append(append(buf, s10Check(buf[at:])), country...)
}

// s10Check is the check digit of UPU S10: weights 8 6 4 2 3 5 9 7, modulo 11.
func s10Check(digits []byte) byte {
	sum := 0
	for i, weight := range [8]int{8, 6, 4, 2, 3, 5, 9, 7} {
		sum += weight * int(digits[i]-'0')
	}
	switch check := 11 - sum%11; check {
	case 10:
		return '0'
	case 11:
		return '5'
	default:
		return '0' + byte(check)
	}
}

const (
	creditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY" // GB 32100: no I, O, S, V, Z
	creditWeight   = 3                                 // to the power of the place, modulo 31
)

// creditCode makes a unified social credit code (GB 32100) of an enterprise registered by the market authority ("91") of a
// division: six digits of the division, eight of the organisation and its check character (GB 11714), and the check character.
func creditCode(division, organisation string) string {
	code := "91" + division + organisation + string(organisationCheck(organisation))
	sum, weight := 0, 1
	for i := range code {
		sum += weight * creditValue(code[i])
		weight = weight * creditWeight % 31
	}
	return code + string(creditAlphabet[(31-sum%31)%31])
}

func creditValue(c byte) int {
	for i := range creditAlphabet {
		if creditAlphabet[i] == c {
			return i
		}
	}
	return 0
}

// organisationCheck is the check character of GB 11714: weights 3 7 9 10 5 8 4 2, modulo 11, ten is X. Letters count from A = 10.
func organisationCheck(code string) byte {
	sum := 0
	for i, weight := range [8]int{3, 7, 9, 10, 5, 8, 4, 2} {
		value := int(code[i] - '0')
		if code[i] >= 'A' {
			value = int(code[i]-'A') + 10
		}
		sum += weight * value
	}
	switch check := 11 - sum%11; check {
	case 10:
		return 'X'
	case 11:
		return '0'
	default:
		return '0' + byte(check)
	}
}
