package risk

import (
	"fmt"
	"strconv"
)

// Explain says in English and in Chinese where a price stands; "" where the standing says nothing.
func (s *Standing) Explain() (english, chinese string) {
	if !s.Known() {
		return "", ""
	}
	unit := word{"kg", "千克"}
	if s.Piece {
		unit = word{"piece", "件"}
	}
	of := s.kind()
	price, count, median := amount(s.Price), thousands(s.Count), amount(s.Median)
	percent, mark := s.mark()
	if mark == "" {
		return fmt.Sprintf("%s %s/%s; %.0f %% of %s like it (%s) are cheaper, the median is %s", price, s.Currency, unit.english, 100*s.Cheaper, count, of.english, median),
			fmt.Sprintf("%s %s/%s；同类 %s 项（%s）中 %.0f %% 更低，中位数为 %s", price, s.Currency, unit.chinese, count, of.chinese, 100*s.Cheaper, median)
	}
	return fmt.Sprintf("%s %s/%s; %d %% of %s like it (%s) are above %s, the median is %s", price, s.Currency, unit.english, percent, count, of.english, mark, median),
		fmt.Sprintf("%s %s/%s；同类 %s 项（%s）中 %d %% 高于 %s，中位数为 %s", price, s.Currency, unit.chinese, count, of.chinese, percent, mark, median)
}

// mark is the highest of the low marks that the price is under, and how many percent are above that.
func (s *Standing) mark() (percent int, mark string) {
	switch {
	case s.Price < s.Low1:
		return 99, amount(s.Low1)
	case s.Price < s.Low5:
		return 95, amount(s.Low5)
	}
	return 0, ""
}

// kind names what the price was held against.
func (s *Standing) kind() word {
	switch s.Level {
	case ByDestination:
		return word{"heading " + s.Code + " to " + s.Destination, "品目 " + s.Code + "，运往 " + s.Destination}
	case ByHeading:
		return word{"heading " + s.Code + " to anywhere", "品目 " + s.Code + "，不限目的国"}
	case ByChapter:
	}
	return word{"chapter " + s.Code + " to anywhere", "第 " + s.Code + " 章，不限目的国"}
}

// amount prints a price with as many digits as a person needs.
func amount(price float64) string {
	switch {
	case price >= 1e15:
		return strconv.FormatFloat(price, 'g', 3, 64)
	case price >= 100:
		return thousands(int(price + 0.5))
	case price >= 0.1:
		return strconv.FormatFloat(price, 'f', 2, 64)
	}
	return strconv.FormatFloat(price, 'g', 2, 64)
}

// thousands prints a number with its thousands apart.
func thousands(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
