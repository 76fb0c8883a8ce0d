package screening_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/parcel"
)

// TestWords: descriptions, and the phrase of the table that holds the parcel; "" when it passes.
func TestWords(t *testing.T) {
	rows := []struct {
		description string
		lane        parcel.Lane
		phrase      string
	}{
		{"9mm handgun with holster", red, "en:handgun"},
		{"HANDGUNS", red, "en:handgun"},
		{"Ｈａｎｄｇｕｎ", red, "en:handgun"},
		{"steel pistol 9x19", yellow, "en:pistol"},
		{"gun", yellow, "en:gun"},
		{"begun shotgunning handguns4u", green, ""},
		{"toy gun for kids", green, ""},
		{"Toy guns (2 pcs)", green, ""},
		{"water-gun", green, ""},
		{"toy gun and real gun", yellow, "en:gun"},
		{"glue gun 60W", green, ""},
		{"gun-metal grey buckle", green, ""},
		{"Massage gun, 4 heads", green, ""},
		{"heat gun", green, ""},
		{"machine gun", red, "en:machine gun"},
		{"toy machine gun", green, ""},
		{"Doormat Guns and Roses", green, ""},
		{"stun gun flashlight", red, "en:stun gun"},
		{"revolver wooden ruler", green, ""},
		{"revolver wooden ruler 30cm", green, ""},
		{"revolver, steel", yellow, "en:revolver"},
		{"handgun shaped ruler", red, "en:handgun"},
		{"opium scented candle", green, ""},
		{"opium", yellow, "en:opium"},
		{"gunpowder green tea", green, ""},
		{"gunpowder, 1 kg", yellow, "en:gunpowder"},
		{"elephant ivory bangle", red, "en:elephant ivory"},
		{"IVORY KITCHEN SCALES", green, ""},
		{"rhino's horn", red, "en:rhino horn"},
		{"counterfeit banknotes", red, "en:counterfeit banknote"},
		{"counterfeit money detector", green, ""},
		{"cultural relics, bronze", red, "en:cultural relic"},
		{"heroin", red, "en:heroin"},
		{"heroine costume", green, ""},
		{"pistol, explosive and cocaine", red, "en:cocaine"}, // the heaviest

		{"仿真枪模型", red, "zh:仿真枪"},
		{"黑色手枪一把", red, "zh:手枪"},
		{"儿童玩具手枪", green, ""},
		{"电动手枪钻", green, ""},
		{"门把手枪灰色", green, ""},
		{"玩具水枪", green, ""},
		{"热熔胶枪", green, ""},
		{"筋膜枪", green, ""},
		{"子弹100发", yellow, "zh:子弹"},
		{"子弹头口红", green, ""},
		{"手雷挂件", green, ""},
		{"象牙雕刻手镯", red, "zh:象牙"},
		{"象牙白连衣裙", green, ""},
		{"海洛因", red, "zh:海洛因"},
		{"假币", red, "zh:假币"},
		{"假币检测仪", green, ""},
		{"出土文物青铜", red, "zh:出土文物"},
		{"文物模型", green, ""},
		{"犀牛角杯", red, "zh:犀牛角"},
		{"犀牛毛绒玩具", green, ""},
		{"烟花爆竹", yellow, "zh:烟花"},
		{"烟花图案T恤", green, ""},

		{"Пистолет Макарова", yellow, "ru:пистолет*"},
		{"пистолетами", yellow, "ru:пистолет*"},
		{"Игрушечный пистолет", green, ""},
		{"Водяные пистолеты детские", green, ""},
		{"Клеевой пистолет", green, ""},
		{"пистолет для герметика", green, ""},
		{"Боевые патроны 7.62", red, "ru:боев* патрон*"},
		{"патрон для дрели", green, ""},
		{"Ручная граната", red, "ru:ручн* гранат*"},
		{"Сок гранатовый", green, ""},
		{"автомат Калашникова", red, "ru:автомат* калашников*"},
		{"Стиральная машина-автомат", green, ""},
		{"героин", red, "ru:героин"},
		{"костюм героини", green, ""},
		{"изделие из слоновой кости", yellow, "ru:слонов* кост*"},
		{"платье цвета слоновой кости", green, ""},
		{"кости тигра", red, "ru:кости тигр*"},
		{"фальшивые деньги", red, "ru:фальшив* деньг*"},
		{"ФЕЙЕРВЕРК", yellow, "ru:фейерверк*"},
	}
	for _, row := range rows {
		t.Run(row.description, func(t *testing.T) {
			v := judged(t, describe(row.description))
			require.Equal(t, row.lane, v.Lane, "%v", v.Reasons)
			if row.phrase == "" {
				require.Empty(t, v.Reasons)
				return
			}
			require.Equal(t, []string{"prohibited.words"}, hitsOf(v))
			require.Equal(t, row.phrase, v.Reasons[0].Matched.Entry)
			require.Equal(t, row.description, v.Reasons[0].Value)
			require.Contains(t, v.Reasons[0].Explanation, v.Reasons[0].Matched.Name)
		})
	}
}

// TestEmptyDescriptions: what says nothing, and what says just enough.
func TestEmptyDescriptions(t *testing.T) {
	for _, text := range []string{
		"gift", "GIFTS", "Sample", "goods", "parts", "Accessories", "spare parts", "other goods", "N/A", "12345", "...", "A1", "ok",
		"no commercial value", "Sample of goods for free", "postage", "Bank charges", "AB 12",
		"礼品", "样品", "商品 3", "其他物品", "日用品", "运费",
		"Товар", "товары", "подарок", "Образцы товаров", "запасные части", "аксессуары", "прочее",
	} {
		v := judged(t, describe(text))
		require.Equal(t, []string{"description.empty"}, hitsOf(v), text)
		require.Contains(t, v.Reasons[0].Explanation, text)
		require.Equal(t, parcel.Yellow, v.Lane)
	}
	for _, text := range []string{
		"gift wrap", "sample jars", "tea", "LED", "car parts", "phone accessories", "iPhone15", "set of mugs",
		"伞", "礼品盒", "汽车配件", "T恤", "Чай", "запчасти для велосипеда", "товары для дома", "가방", "حقيبة", "τσάι",
	} {
		require.Empty(t, hitsOf(judged(t, describe(text))), text)
	}
}

// column reads one column of a table from disk, apart from the package's own reader.
func column(t *testing.T, table string, n int) []string {
	t.Helper()
	file, err := os.Open(filepath.Join("tables", table))
	require.NoError(t, err)
	defer file.Close()
	reader := csv.NewReader(file)
	reader.Comment = '#'
	rows, err := reader.ReadAll()
	require.NoError(t, err)
	var cells []string
	for _, row := range rows[1:] {
		require.NotContains(t, row, "")
		cells = append(cells, strings.ReplaceAll(row[n], "*", ""))
	}
	return cells
}

// Every row of every table does what it is there for.
func TestTables(t *testing.T) {
	lanes := column(t, "prohibited.csv", 2)
	for i, phrase := range column(t, "prohibited.csv", 0) {
		v := judged(t, describe(phrase))
		require.Contains(t, hitsOf(v), "prohibited.words", phrase)
		require.Equal(t, parcel.Lane(lanes[i]), v.Lane, phrase)
	}
	for _, phrase := range column(t, "harmless.csv", 0) {
		require.Empty(t, hitsOf(judged(t, describe(phrase))), phrase)
	}
	for _, phrase := range column(t, "likenesses.csv", 0) {
		require.Empty(t, hitsOf(judged(t, describe("revolver "+phrase))), phrase)
	}
	for _, phrase := range column(t, "batteries.csv", 0) {
		require.Equal(t, []string{"batteries.undeclared"}, hitsOf(judged(t, describe(phrase))), phrase)
	}
	for _, phrase := range column(t, "vague.csv", 0) {
		require.Equal(t, []string{"description.empty"}, hitsOf(judged(t, describe(phrase))), phrase)
	}
	lanes = column(t, "headings.csv", 1)
	for i, code := range column(t, "headings.csv", 0) {
		for _, declared := range []string{code, (code + "999999")[:10]} {
			v := judged(t, hsCode(declared))
			require.Equal(t, []string{"prohibited.heading"}, hitsOf(v), declared)
			require.Equal(t, code, v.Reasons[0].Matched.Entry)
			require.Equal(t, parcel.Lane(lanes[i]), v.Lane)
		}
	}
}
