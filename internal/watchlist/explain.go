package watchlist

import (
	"fmt"
	"strings"
)

// language is how a match is told in one.
type language struct {
	near, equal          string // of the listed name and the score
	weak                 string
	pairs                map[How]string // of a word of the query and one of the entry
	onlyQuery, onlyEntry string
	birth, country       map[Evidence]string
	between, end, quote  string
}

var languages = map[string]language{
	"en": {
		near:  "The name is near %s (score %.2f)",
		equal: "The name equals %s, in every word (score %.2f)",
		weak:  "a weak alias",
		pairs: map[How]string{
			Equal: "%s is the same", Spelling: "%s is spelt %s there", Transliteration: "%s is %s in another script", Initial: "%s and %s agree in the initial",
			Joined: "%s is written %s there", Nickname: "%s and %s are forms of one name", Form: "%s and %s mean the same in a company's name",
		},
		onlyQuery: "%s is not in the listed name", onlyEntry: "%s is in the listed name only",
		birth:   map[Evidence]string{Agrees: "the year of birth agrees", Differs: "the year of birth differs"},
		country: map[Evidence]string{Agrees: "the country agrees", Differs: "the country differs"},
		between: "; ", end: ".", quote: "%q",
	},
	"zh": {
		near:  "姓名与名单所载%s相近（得分 %.2f）",
		equal: "姓名与名单所载%s逐词相同（得分 %.2f）",
		weak:  "弱别名",
		pairs: map[How]string{
			Equal: "%s相同", Spelling: "%s在名单中写作%s", Transliteration: "%s与%s为不同文字的同一写法", Initial: "%s与%s首字母一致",
			Joined: "%s在名单中分合写作%s", Nickname: "%s与%s为同一名字的不同形式", Form: "%s与%s在企业名称中同义",
		},
		onlyQuery: "%s不在名单姓名中", onlyEntry: "仅名单姓名含%s",
		birth:   map[Evidence]string{Agrees: "出生年份一致", Differs: "出生年份不一致"},
		country: map[Evidence]string{Agrees: "国家一致", Differs: "国家不一致"},
		between: "；", end: "。", quote: "“%s”",
	},
}

// Explain says in a sentence which words matched how, in English ("en") or Chinese ("zh"); another language is told in English.
func (m *Match) Explain(lang string) string {
	l, ok := languages[lang]
	if !ok {
		l = languages["en"]
	}
	said := []string{l.summary(m)}
	for _, w := range m.Words {
		said = append(said, l.pair(w))
	}
	for _, evidence := range []string{l.birth[m.Birth], l.country[m.Country]} {
		if evidence != "" {
			said = append(said, evidence)
		}
	}
	return strings.Join(said, l.between) + l.end
}

func (l *language) summary(m *Match) string {
	entry := fmt.Sprintf(l.quote, m.Entry.Name)
	if m.Entry.Weak {
		entry += " (" + l.weak + ")"
	}
	for _, w := range m.Words {
		if w.How != Equal {
			return fmt.Sprintf(l.near, entry, m.Score)
		}
	}
	return fmt.Sprintf(l.equal, entry, m.Score)
}

func (l *language) pair(w WordMatch) string {
	query, entry := fmt.Sprintf(l.quote, w.Query), fmt.Sprintf(l.quote, w.Entry)
	switch {
	case w.Entry == "":
		return fmt.Sprintf(l.onlyQuery, query)
	case w.Query == "":
		return fmt.Sprintf(l.onlyEntry, entry)
	case w.How == Equal:
		return fmt.Sprintf(l.pairs[Equal], query)
	}
	return fmt.Sprintf(l.pairs[w.How], query, entry)
}
