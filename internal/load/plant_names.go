package load

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
)

func (p *Planted) listedConsignee() []plantOrder {
	o := p.fresh()
	o.Consignee.Name = p.altered(pick(p.dice, p.cfg.Names))
	return []plantOrder{o}
}

func (p *Planted) listedSeller() []plantOrder {
	o := p.fresh()
	seller := map[string]any{}
	if err := json.Unmarshal(o.Seller, &seller); err == nil {
		seller["name"] = p.altered(pick(p.dice, p.cfg.Names))
		if text, err := json.Marshal(seller); err == nil {
			o.Seller = text
		}
	}
	return []plantOrder{o}
}

// altered writes a name as somebody might who does not want it found, or cannot spell: one or two of the usual changes.
func (p *Planted) altered(name string) string {
	alter := []func(string) string{p.turned, strings.ToUpper, strings.ToLower, p.dropped, p.doubled, p.swapped, p.punctuated}
	return pick(p.dice, alter)(name)
}

// turned puts the family name last, or first.
func (p *Planted) turned(name string) string {
	if family, given, ok := strings.Cut(name, ", "); ok {
		return given + " " + family
	}
	words := strings.Fields(name)
	if len(words) < 2 || len(words) > 4 {
		return strings.ToUpper(name)
	}
	return strings.Join(append(words[1:len(words):len(words)], words[0]), " ")
}

// inside draws a letter that stands within the longest word.
func (p *Planted) inside(letters []rune) int {
	best, length, start := 0, 0, 0
	for i := 0; i <= len(letters); i++ {
		if i < len(letters) && unicode.IsLetter(letters[i]) {
			continue
		}
		if i-start > length {
			best, length = start, i-start
		}
		start = i + 1
	}
	if length < 5 {
		return 0
	}
	return best + 1 + p.dice.below(length-3)
}

func (p *Planted) dropped(name string) string {
	letters := []rune(name)
	at := p.inside(letters)
	if at == 0 {
		return p.turned(name)
	}
	return string(letters[:at]) + string(letters[at+1:])
}

func (p *Planted) doubled(name string) string {
	letters := []rune(name)
	at := p.inside(letters)
	if at == 0 {
		return p.turned(name)
	}
	return string(letters[:at]) + string(letters[at]) + string(letters[at:])
}

func (p *Planted) swapped(name string) string {
	letters := []rune(name)
	at := p.inside(letters)
	if at == 0 {
		return p.turned(name)
	}
	letters[at], letters[at+1] = letters[at+1], letters[at]
	return string(letters)
}

func (p *Planted) punctuated(name string) string {
	return strings.NewReplacer(" ", "-", ",", "").Replace(name) + "."
}

// respelled writes a consignee otherwise: in other case, without the country's code, with the name turned.
func respelled(c plantConsignee, turn int) plantConsignee {
	line := c.Address.Lines[0]
	switch turn % 5 {
	case 0:
		c.Name = strings.ToUpper(c.Name)
	case 1:
		if first, rest, ok := strings.Cut(c.Name, " "); ok {
			c.Name = rest + ", " + first
		}
	case 2:
		c.Phone = "(0) " + strings.TrimPrefix(c.Phone, "+44")
	case 3:
		line = strings.ToUpper(line)
	case 4:
		number, street, _ := strings.Cut(line, " ")
		line = fmt.Sprintf("%s, %s", street, number)
	}
	c.Address.Lines = []string{line}
	return c
}
