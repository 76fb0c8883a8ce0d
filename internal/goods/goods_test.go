package goods_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/goods"
	"github.com/alataw/alataw/internal/parcel"
)

const (
	green  = parcel.Green
	yellow = parcel.Yellow
	red    = parcel.Red
)

// read reads with a room of its own, so that the reading may be kept.
func read(description string) goods.Reading { return goods.Read(description, new(goods.Room)) }

// TestWords: descriptions, and the phrase of the table that makes them worth a look; "" when none does.
func TestWords(t *testing.T) {
	rows := []struct {
		description string
		lane        parcel.Lane
		entry       string
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
		{"toy gun and real gun", red, "en:real gun"},
		{"toy gun and a gun", yellow, "en:gun"},
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
		{"lock-back flick knives", red, "en:flick knife"},
		{"brass knuckles", red, "en:brass knuckle"},

		{"仿真枪模型", red, "zh:仿真枪"},
		{"黑色手枪一把", red, "zh:手枪"},
		{"黑色手 枪", red, "zh:手枪"},
		{"手槍", red, "zh:手枪"},
		{"鋰電池保護板,彈藥箱", red, "zh:弹药"},
		{"儿童玩具手枪", green, ""},
		{"电动手枪钻", green, ""},
		{"门把手枪灰色", green, ""},
		{"玩具水枪", green, ""},
		{"热熔胶枪", green, ""},
		{"筋膜枪", green, ""},
		{"子弹100发", yellow, "zh:子弹"},
		{"裤子弹力休闲", green, ""},
		{"电子弹簧秤", green, ""},
		{"子弹头口红", green, ""},
		{"手雷挂件", green, ""},
		{"象牙雕刻手镯", red, "zh:象牙雕"},
		{"象牙白连衣裙", green, ""},
		{"卡通大象牙刷", green, ""},
		{"海洛因", red, "zh:海洛因"},
		{"假币", red, "zh:假币"},
		{"假币检测仪", green, ""},
		{"出土文物青铜", red, "zh:出土文物"},
		{"文物模型", green, ""},
		{"中文物理教材", green, ""},
		{"犀牛角杯", red, "zh:犀牛角杯"},
		{"犀牛毛绒玩具", green, ""},
		{"烟花爆竹", yellow, "zh:烟花"},
		{"烟花图案T恤", green, ""},
		{"加大麻将桌", green, ""},
		{"搞笑气球", green, ""},
		{"BB枪", red, "zh:BB枪"},

		{"Пистолет Макарова", red, "ru:пистолет* макаров*"},
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
			r := read(row.description)
			worst := heaviest(&r)
			if row.entry == "" {
				require.Nil(t, worst)
				return
			}
			require.NotNil(t, worst)
			require.Equal(t, row.entry, worst.Entry())
			require.Equal(t, row.lane, worst.Lane)
			require.NotEmpty(t, worst.Names)
			require.NotEmpty(t, worst.NamesZH)
			require.NotEmpty(t, worst.Source)
			require.Equal(t, row.description[worst.From:worst.To], worst.Phrase)
		})
	}
}
