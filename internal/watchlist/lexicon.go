package watchlist

import (
	"crypto/sha256"
	_ "embed" // for the tables below
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

var (
	//go:embed tables/forms.csv
	formsTable string
	//go:embed tables/chinese_forms.csv
	chineseFormsTable string
	//go:embed tables/company_words.csv
	companyWordsTable string
	//go:embed tables/name_words.csv
	nameWordsTable string
	//go:embed tables/nicknames.csv
	nicknamesTable string
	//go:embed tables/common_names.csv
	commonNamesTable string
)

// words is what the embedded tables say of words.
var words = readLexicon()

// lexicon knows words that tell little apart, and words that are one name.
type lexicon struct {
	forms        map[string][]phrase // corporate forms, by the key of their first word, the longest first
	chineseForms []string            // what Han and Hangul company names begin or end with
	company      map[string]companyWord
	phrases      map[string][]phrase // company words of several words, by the key of the first
	titles       map[string]class
	nicknames    map[string][]int32 // the groups of names that a name belongs to
	common       map[string]bool    // names that many people have
}

// companyWord is a word of many companies: which one, and how much it tells.
type companyWord struct {
	group  int32
	weight float64
}

// phrase is several words that stand for one thing.
type phrase struct {
	keys    []string // of its words, as by keyOf
	name    string   // what it stands for
	letters int      // of all words
}

const longestAbbreviation = 5

func readLexicon() *lexicon {
	l := &lexicon{
		forms: map[string][]phrase{}, company: map[string]companyWord{}, phrases: map[string][]phrase{},
		titles: map[string]class{}, nicknames: map[string][]int32{}, common: map[string]bool{},
	}
	for _, row := range readWords(formsTable, "form", "written") {
		for _, written := range spellings(row[1]) {
			addPhrase(l.forms, written, row[0])
			if letters := strings.Split(written, ""); len(letters) > 1 && len(letters) <= longestAbbreviation && !strings.Contains(written, " ") {
				addPhrase(l.forms, strings.Join(letters, " "), row[0]) // with points between
			}
		}
	}
	for _, row := range readWords(chineseFormsTable, "written") {
		l.chineseForms = append(l.chineseForms, Fold(row[0]))
	}
	for i, row := range readWords(companyWordsTable, "word", "weight", "written") {
		l.addCompanyWord(int32(i), row)
	}
	for _, row := range readWords(nameWordsTable, "class", "written") {
		kind := particle
		if row[0] == "title" {
			kind = title
		}
		for _, written := range spellings(row[1]) {
			l.titles[written] = kind
		}
	}
	for i, row := range readWords(nicknamesTable, "written") {
		for _, written := range spellings(row[0]) {
			l.nicknames[written] = append(l.nicknames[written], int32(i))
		}
	}
	for _, row := range readWords(commonNamesTable, "letter", "written") {
		for _, written := range spellings(row[1]) {
			l.common[written] = true
		}
	}
	for _, forms := range []map[string][]phrase{l.forms, l.phrases} {
		for key := range forms {
			slices.SortStableFunc(forms[key], func(a, b phrase) int { return len(b.keys) - len(a.keys) })
		}
	}
	return l
}

func (l *lexicon) addCompanyWord(group int32, row []string) {
	weight, err := strconv.ParseFloat(row[1], 64)
	if err != nil {
		panic(fmt.Errorf("weight of company word %s: %w", row[0], err))
	}
	for _, written := range spellings(row[2]) {
		if strings.Contains(written, " ") {
			addPhrase(l.phrases, written, row[0])
			continue
		}
		if _, known := l.company[written]; !known {
			l.company[written] = companyWord{group, weight}
		}
	}
}

func addPhrase(to map[string][]phrase, written, name string) {
	p := phrase{name: name, letters: utf8.RuneCountInString(strings.ReplaceAll(written, " ", ""))}
	for word := range strings.FieldsSeq(written) {
		p.keys = append(p.keys, keyOf(word))
	}
	to[p.keys[0]] = append(to[p.keys[0]], p)
}

// spellings are the alternatives of a table's cell, folded.
func spellings(cell string) []string {
	var all []string
	for written := range strings.SplitSeq(cell, "|") {
		if folded := Fold(written); folded != "" {
			all = append(all, folded)
		}
	}
	return all
}

// readWords parses an embedded table: comment lines, a header of exactly the given columns, then rows. It panics on anything
// else, because a broken table is a broken build and no caller could do better.
func readWords(text string, columns ...string) [][]string {
	reader := csv.NewReader(strings.NewReader(text))
	reader.Comment = '#'
	reader.FieldsPerRecord = len(columns)
	rows, err := reader.ReadAll()
	if err != nil {
		panic(fmt.Errorf("table of %s: %w", columns[0], err))
	}
	if len(rows) == 0 || !slices.Equal(rows[0], columns) {
		panic(fmt.Errorf("table of %s: header is not %v", columns[0], columns))
	}
	return rows[1:]
}

// keyOf is how a word of a phrase is looked up: a long Latin word by its sound, which forgives slips ("joynt stock"), others as written.
func keyOf(folded string) string {
	const fewestOfSound = 5
	if len(folded) >= fewestOfSound && isASCII(folded) {
		return "~" + soundOf(folded)
	}
	return folded
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}

// TablesVersion names what this package knows of words: 12 digits of a hash over its tables.
func TablesVersion() string { return tablesVersion }

var tablesVersion = hashTables()

func hashTables() string {
	hash := sha256.New()
	for _, table := range []string{
		formsTable, chineseFormsTable, companyWordsTable, nameWordsTable, nicknamesTable, commonNamesTable, countriesCSV,
	} {
		fmt.Fprintf(hash, "%d\n%s", len(table), table)
	}
	return hex.EncodeToString(hash.Sum(nil))[:12]
}
