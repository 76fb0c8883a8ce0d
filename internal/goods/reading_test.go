package goods_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/alataw/alataw/internal/goods"
	"github.com/alataw/alataw/internal/watchlist"
)

// A mention stands where the description has it, whatever folding made of it.
func TestMentionsStandInTheDescription(t *testing.T) {
	rows := map[string][]string{
		"Two HANDGUNS, one Ｔａｓｅｒ": {"HANDGUNS", "Ｔａｓｅｒ"},
		"rhino's horn":            {"rhino's horn"},
		"  «Пневматические винтовки» и порох": {"Пневматические винтовки", "порох"},
		"黑色 手 枪、鞭炮":            {"手 枪", "鞭炮"},
		"coc\u200baine":        {"coc\u200baine"},
		"hand-held grenade, é": {"grenade"},
	}
	for description, want := range rows {
		r := read(description)
		var got []string
		for _, m := range r.Mentions {
			if m.Holds() {
				got = append(got, m.Phrase)
				require.Equal(t, m.Phrase, description[m.From:m.To])
			}
		}
		require.Equal(t, want, got, description)
	}
}

// heaviest gives the first mention of the heaviest lane among those that hold and are no battery's, nil when there is none.
func heaviest(r *goods.Reading) (found *goods.Mention) {
	for i := range r.Mentions {
		m := &r.Mentions[i]
		if m.Kind != goods.Battery && m.Holds() && (found == nil || m.Lane.Rank() > found.Lane.Rank()) {
			found = m
		}
	}
	return found
}

func TestControlFamilies(t *testing.T) {
	for description, want := range map[string]string{
		"Thermal imaging scope, 640 px": "infrared", "氧化镝 99.9%": "rare_earth", "Agricultural drone, 30 l": "drone", "金属镓": "gallium_germanium",
		"PMK glycidate": "precursor", "GPS jammer": "jammer", "加密电话": "crypto", "Неодимовые магниты": "rare_earth", "spherical graphite": "graphite",
		"ring laser gyro": "laser", "Прослушка GSM": "surveillance", "antimony ingots": "antimony", "tungsten powder": "tungsten",
	} {
		r := read(description)
		require.NotNil(t, heaviest(&r), description)
		require.Equal(t, want, heaviest(&r).Control, description)
	}
}

// What is only worth knowing is told, and holds nothing.
func TestGreenMentions(t *testing.T) {
	for description, kind := range map[string]goods.Kind{
		"Women's perfume 50 ml": goods.Liquid, "护手霜 50克": goods.Paste, "стиральный порошок": goods.Powder, "Vegetable seeds, mixed": goods.PlantSeed,
		"Ferrite magnets, set": goods.Magnet, "Walkie talkie": goods.Radio, "Vitamin C tablets": goods.Medicine, "红酒 750ml": goods.Alcohol,
		"Beef jerky": goods.AnimalProduct, "Bluetooth speaker": goods.Battery, "巧克力": goods.Food,
	} {
		r := read(description)
		require.NotNil(t, r.Of(kind), description)
		require.Nil(t, heaviest(&r), description)
	}
}

func TestLetters(t *testing.T) {
	for description, letters := range map[string]int{
		"": 0, "gift": 0, "A1": 0, "AB 12": 2, "gift wrap": 4, "伞": 3, "礼品": 0, "Чай": 3, "toy gun": 6, "gun": 3, "sample of tea": 3, "T恤": 4,
	} {
		r := read(description)
		require.Equal(t, letters, r.Letters, description)
	}
}

// TestWares: what descriptions call the goods, and what they leave open.
func TestWares(t *testing.T) {
	for description, want := range map[string]string{
		"Women's summer dress, polyester": "clothing", "dress": "clothing", "Dresses": "clothing", "dress for dolls": "clothing", "doll with dress": "toy",
		"Laptop": "computer", "laptop stand": "", "laptop sleeve 15 inch": "", "Laptop computer 15 inch, silver": "computer", "set of 6 mugs": "tableware",
		"box of cards": "", "mug and towel": "", "mug & towel": "", "mug/cup": "", "ring of roses birthday card": "", "Brake pads for passenger car": "vehicle",
		"夏季新款女士连衣裙": "clothing", "连衣裙 红色 大号": "clothing", "手机壳": "", "手机支架": "", "手机": "phone", "儿童运动鞋 30码": "footwear", "笔记本电脑包": "",
		"Платье женское": "clothing", "Женское летнее платье": "clothing", "чехол для ноутбука": "", "Ноутбук 15 дюймов": "computer", "корпус телефона": "",
		"Зимние ботинки мужские": "footwear", "LUNCH BAG CARS BLUE": "", "IVORY KITCHEN SCALES": "", "40 mugs 2 sizes red": "tableware", "pc": "",
	} {
		r := read(description)
		got := ""
		if r.Ware != nil {
			got = r.Ware.Key
		}
		require.Equal(t, want, got, description)
	}
}

func TestSpeaks(t *testing.T) {
	rows := []struct {
		description, hs string
		contradicts     bool
	}{
		{"Women's summer dress", "847130", true}, {"Women's summer dress", "620443", false}, {"Women's summer dress", "61", false},
		{"连衣裙", "851712", true}, {"连衣裙", "620442", false}, {"Платье женское", "870830", true}, {"Laptop computer", "610910", true},
		{"Laptop computer", "8471", false}, {"laptop stand", "610910", false}, {"Porcelain mug", "847130", false}, {"coffee mug", "610910", true},
		{"WHITE METAL LANTERN", "691200", false}, {"chocolate", "847130", false}, {"Running shoes", "180690", true}, {"运动鞋", "640411", false},
	}
	for _, row := range rows {
		r := read(row.description)
		c, ok := goods.Speaks(&r, row.hs)
		require.Equal(t, row.contradicts, ok, "%s under %s", row.description, row.hs)
		if ok {
			require.Equal(t, row.hs, c.Code)
			require.NotEmpty(t, c.Names)
			require.NotEmpty(t, c.NamesZH)
		}
	}
}

func TestReadAllocatesNothing(t *testing.T) {
	var room goods.Room
	for _, text := range []string{"Phone case, TPU, black", "夏季新款女士连衣裙", "Платье женское", "toy gun", "9mm handgun with holster"} {
		require.Zero(t, testing.AllocsPerRun(100, func() { goods.Read(text, &room) }), text)
	}
}

// soup draws a text of phrases and other words, with what may stand between them.
func soup(t *rapid.T, phrases []string) string {
	var b strings.Builder
	for _, word := range rapid.SliceOfN(rapid.SampledFrom(phrases), 0, 7).Draw(t, "words") {
		b.WriteString(word + rapid.SampledFrom([]string{" ", "-", ", ", "", "s ", "ами ", " (", ") "}).Draw(t, "between"))
	}
	return b.String()
}

func everyPhrase(t *testing.T) (all []string) {
	for _, table := range []string{"phrases.csv", "harmless.csv", "vague.csv", "likenesses.csv", "wares.csv", "wording.csv"} {
		for _, row := range rows(t, table) {
			all = append(all, plain(row[0]))
		}
	}
	return append(all, "scarf", "шарф", "围巾", "5", "x", "é")
}

// seen is what of a reading does not depend on where phrases stand.
func seen(r goods.Reading) (all []string) {
	for _, m := range r.Mentions {
		all = append(all, m.Entry()+" "+string(m.Lane))
	}
	return all
}

// Case, width, accents and what cannot be seen make no difference; nor does reading again, in a room that was used.
func TestReadingFolds(t *testing.T) {
	phrases := everyPhrase(t)
	rapid.Check(t, func(t *rapid.T) {
		var room goods.Room
		text := soup(t, phrases)
		want := read(text)
		goods.Read("手枪 cocaine оружие pistol grenade", &room)
		again := goods.Read(text, &room)
		require.Equal(t, seen(want), seen(again))
		require.Equal(t, want.Letters, again.Letters)
		require.Equal(t, want.Ware, again.Ware)
		for _, other := range []string{strings.ToUpper(text), strings.ReplaceAll(text, "a", "á"), strings.ReplaceAll(text, "o", "\u200bo"), "  " + text + " ."} {
			if watchlist.Fold(other) != watchlist.Fold(text) {
				continue // upper case of a few letters folds otherwise
			}
			r := read(other)
			require.Equal(t, seen(want), seen(r), "%q and %q", text, other)
			require.Equal(t, want.Letters, r.Letters)
		}
	})
}

// A phrase is found beside any text that ends in a word of no phrase. One stands at the end too, so that nothing is a likeness.
func TestReadingIsSafeToConcatenate(t *testing.T) {
	phrases := everyPhrase(t)
	rapid.Check(t, func(t *rapid.T) {
		one, two := soup(t, phrases), soup(t, phrases)
		const wall = " qqqqq, qqqqq "
		first, second, both := read(one+wall), read(wall+two+wall), read(one+wall+two+wall)
		require.Equal(t, append(seen(first), seen(second)...), seen(both), "%q and %q", one, two)
	})
}

// requireSound checks what holds for every reading.
func requireSound(t require.TestingT, text string, r goods.Reading) {
	last := 0
	for _, m := range r.Mentions {
		require.NotNil(t, m.Thing)
		require.True(t, m.From >= 0 && m.From < m.To && m.To <= len(text), "%d to %d in %q", m.From, m.To, text)
		require.Equal(t, text[m.From:m.To], m.Phrase)
		require.GreaterOrEqual(t, m.To, last, "%q", text)
		last = m.To
	}
	require.GreaterOrEqual(t, r.Letters, 0)
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"toy gun", "手枪", "пистолет для", "", " ", "\xff", "s", "ss gunss", "я", "а б в", "𠀀手", "ﷺ", "gun\u200bgun", "手 枪, 20000 mAh", "ﷺ gun", "½gun", "İstanbul gun",
		"set of 3 mugs", "20,000mAh 74Wh", strings.Repeat("pistol 手", 1000), "99999999999 Wh", "1.2.3 wh", "手\xe6枪", "\xf0\xa0gun",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := read(text)
		requireSound(t, text, r)
		require.Equal(t, r, read(text))
		goods.Speaks(&r, "847130")
		goods.Batteries(nil, "850760", text, &r, nil)
	})
}

// Of what is far too long for a declaration the beginning is read.
func TestReadingIsBounded(t *testing.T) {
	for _, word := range []string{"gun ", "手枪", "пистолет "} {
		r := read(strings.Repeat(word, 100_000))
		require.NotEmpty(t, r.Mentions)
		require.LessOrEqual(t, r.Mentions[len(r.Mentions)-1].To, 1000)
	}
}
