package refdata

// creditAlphabet is the code's digit order: GB 32100-2015 leaves out I, O, S, V and Z.
const creditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

var (
	s10Weights    = [8]int{8, 6, 4, 2, 3, 5, 9, 7}
	creditWeights = powersOfThree()
	creditValues  = valuesOf(creditAlphabet)
)

// powersOfThree gives the weights of GB 32100-2015: 3^i modulo 31.
func powersOfThree() (weights [17]int) {
	power := 1
	for i := range weights {
		weights[i] = power
		power = power * 3 % 31
	}
	return weights
}

// S10Form reports whether s looks like a UPU S10 item identifier: two capital letters, nine digits,
// two capital letters. It says nothing of the check digit.
func S10Form(s string) bool {
	return len(s) == 13 && capitals(s[:2]) && digits(s[2:11]) && capitals(s[11:])
}

// S10Valid reports whether s has the S10 form and its check digit, the last of the nine, holds.
//
// UPU standard S10: the eight serial digits are weighted 8 6 4 2 3 5 9 7 and summed; 11 minus the sum
// modulo 11 is the check digit, where 10 is written 0 and 11 is written 5. Because 5 stands for two
// remainders, a wrong serial digit may go unseen in numbers whose check digit is 5.
func S10Valid(s string) bool {
	if !S10Form(s) {
		return false
	}
	sum := 0
	for i, weight := range s10Weights {
		sum += weight * int(s[2+i]-'0')
	}
	check := 11 - sum%11
	switch check {
	case 10:
		check = 0
	case 11:
		check = 5
	}
	return int(s[10]-'0') == check
}

// CreditCodeValid reports whether s is an 18-character unified social credit code whose last
// character holds.
//
// GB 32100-2015: digits and capitals without I, O, S, V, Z count 0 to 30; the first seventeen are
// weighted 3^i modulo 31 and summed; the check character is 31 minus the sum modulo 31. The modulus
// is prime and above every value, so any single wrong character is seen.
func CreditCodeValid(s string) bool {
	if len(s) != 18 {
		return false
	}
	sum := 0
	for i, weight := range creditWeights {
		value := int(creditValues[s[i]])
		if value == 0 {
			return false
		}
		sum += weight * (value - 1)
	}
	return s[17] == creditAlphabet[(31-sum%31)%31]
}

// CustomsRegistrationForm reports whether s looks like a customs registration number of the General
// Administration of Customs of China: ten digits or capital letters. The number has no check digit.
func CustomsRegistrationForm(s string) bool {
	for i := range len(s) {
		if indexValues[s[i]] == 0 {
			return false
		}
	}
	return len(s) == 10
}

// ContainerCheckDigit computes the check digit, '0' to '9', of a container's first ten characters:
// three owner letters, the category U, J or Z, six digits. It answers false for anything else.
//
// ISO 6346: letters count 10 to 38 without the multiples of 11; the character at position i weighs
// 2^i; the check digit is the sum modulo 11, where 10 is written 0.
func ContainerCheckDigit(first10 string) (byte, bool) {
	if len(first10) != 10 || !capitals(first10[:3]) || !digits(first10[4:]) {
		return 0, false
	}
	if category := first10[3]; category != 'U' && category != 'J' && category != 'Z' {
		return 0, false
	}
	sum := 0
	for i := range len(first10) {
		sum += containerValue(first10[i]) << i
	}
	return '0' + byte(sum%11%10), true
}

// ContainerValid reports whether s is a container number of eleven characters whose check digit holds.
// As 0 stands for two remainders, a wrong digit may go unseen in numbers whose check digit is 0.
func ContainerValid(s string) bool {
	if len(s) != 11 {
		return false
	}
	check, ok := ContainerCheckDigit(s[:10])
	return ok && s[10] == check
}

// containerValue of a digit is the digit; letters count from A = 10 upwards and step over 11, 22 and 33.
func containerValue(c byte) int {
	if c <= '9' {
		return int(c - '0')
	}
	nth := int(c - 'A')
	return 10 + nth + (nth+9)/10
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func capitals(s string) bool {
	for i := range len(s) {
		if s[i] < 'A' || s[i] > 'Z' {
			return false
		}
	}
	return true
}
