// Package goods tells what a description and an HS code say the goods are: what the law bars or limits among them, what they can
// weigh, which batteries they hold, and where words and code speak of different things. All of it is pure and from embedded tables.
package goods

import (
	"github.com/alataw/alataw/internal/parcel"
)

// Kind is what the law, the railway or a rule cares about in goods. The kinds are written down in docs/goods.md.
type Kind string

// The kinds of goods that words and headings tell of.
const (
	Weapon           Kind = "weapon"
	Ammunition       Kind = "ammunition"
	Explosive        Kind = "explosive"
	Pyrotechnic      Kind = "pyrotechnic"
	ImitationWeapon  Kind = "imitation_weapon"
	Narcotic         Kind = "narcotic"
	Psychotropic     Kind = "psychotropic"
	Precursor        Kind = "precursor"
	Poison           Kind = "poison"
	ProtectedSpecies Kind = "protected_species"
	Relic            Kind = "relic"
	CounterfeitMoney Kind = "counterfeit_money"
	Counterfeit      Kind = "counterfeit"
	Currency         Kind = "currency"
	PrintedMatter    Kind = "printed_matter"
	PreciousMetal    Kind = "precious_metal"
	Radio            Kind = "radio"
	Encryption       Kind = "encryption"
	DualUse          Kind = "dual_use"
	Radioactive      Kind = "radioactive"
	Dangerous        Kind = "dangerous" // what a railway takes as dangerous goods only, batteries and pyrotechnics aside
	Battery          Kind = "battery"
	Magnet           Kind = "magnet"
	Medicine         Kind = "medicine"
	Food             Kind = "food"
	PlantSeed        Kind = "plant_seed"
	AnimalProduct    Kind = "animal_product"
	Tobacco          Kind = "tobacco"
	Alcohol          Kind = "alcohol"
	Liquid           Kind = "liquid"
	Powder           Kind = "powder"
	Paste            Kind = "paste"
)

// Kinds are all kinds.
var Kinds = []Kind{
	Weapon, Ammunition, Explosive, Pyrotechnic, ImitationWeapon, Narcotic, Psychotropic, Precursor, Poison, ProtectedSpecies, Relic,
	CounterfeitMoney, Counterfeit, Currency, PrintedMatter, PreciousMetal, Radio, Encryption, DualUse, Radioactive, Dangerous, Battery, Magnet,
	Medicine, Food, PlantSeed, AnimalProduct, Tobacco, Alcohol, Liquid, Powder, Paste,
}

// pictured tells whether a likeness of such goods is another thing than the goods: a revolver on a poster shoots nobody. What
// a thing contains or does it contains or does in any shape: a camera in a pen sees.
func (k Kind) pictured() bool {
	switch k {
	case Radio, Encryption, DualUse, Dangerous, Battery, Magnet, Medicine, Food, PlantSeed, Tobacco, Alcohol, Liquid, Powder, Paste:
		return false
	default:
		return true
	}
}

// Thing is what words or a heading name, a row of tables/things.csv.
type Thing struct {
	Key     string
	Kind    Kind
	Control string // the family of export controls it falls under, such as "drone" or "rare_earth"; "" for none
	Names   string // for people, in English: "a weapon"
	NamesZH string
	Source  string // the law in a clause, in English
	Law     string // the law's key in tables/sources.csv
}

// Mention is a place in a description that names something.
type Mention struct {
	*Thing
	Phrase   string      // as it stands in the description
	From, To int         // where it stands, in bytes
	Row      string      // the phrase of the table that it is
	Language string      // of the row: en, zh or ru
	Lane     parcel.Lane // red where the words name the thing and little else, yellow where innocent goods are called so too, green where it is only worth knowing
}

// Entry names the table's row for evidence: "en:machine gun".
func (m *Mention) Entry() string { return m.Language + ":" + m.Row }

// Holds tells whether the mention by itself is a reason to look.
func (m *Mention) Holds() bool { return m.Lane.Holds() }

// Reading is what a description says. It lives in the Room it was read in, and holds until that is read in again.
type Reading struct {
	Mentions []Mention
	Letters  int   // that say something, outside words that could stand for anything (tables/vague.csv)
	Ware     *Ware // what the description calls the goods, where it does so beyond doubt; nil otherwise
}

// Of gives the first mention of a kind, nil when there is none.
func (r *Reading) Of(kind Kind) *Mention {
	for i := range r.Mentions {
		if r.Mentions[i].Kind == kind {
			return &r.Mentions[i]
		}
	}
	return nil
}

// Room is room for what a reading holds, so that reading one description after the other costs no memory. It may stand on
// the stack. One goroutine uses it at a time.
type Room struct {
	text     [768]byte
	mentions [8]Mention
}

// Read reads a description in English, Chinese or Russian, or a mixture. Phrases are compared folded (see watchlist.Fold), as whole words;
// Chinese ones as whole characters. From the left the longest phrase at each place counts and nothing within it: so "toy gun" hides "gun".
func Read(description string, room *Room) Reading {
	return readText(words, beginning(description), room)
}

// longest is how many bytes of a description are read: those that 250 characters, the most a declaration takes, can have.
const longest = 1000

// beginning cuts off what no declared description has, so that reading takes a bounded time.
func beginning(description string) string {
	if len(description) <= longest {
		return description
	}
	end := longest
	for end > 0 && description[end]&0xC0 == 0x80 { // within a character
		end--
	}
	return description[:end]
}

// Version names the tables: 12 digits of a hash over all of them. The same version reads the same for ever.
func Version() string { return version }
