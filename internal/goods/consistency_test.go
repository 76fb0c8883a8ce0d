package goods_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/goods"
	"github.com/alataw/alataw/internal/parcel"
)

func battery(un, wattHours, lithium string) *parcel.Battery {
	b := &parcel.Battery{UNNumber: un}
	if wattHours != "" {
		wh := parcel.MustDecimal(wattHours)
		b.WattHours = &wh
	}
	if lithium != "" {
		g := parcel.MustDecimal(lithium)
		b.LithiumG = &g
	}
	return b
}

// TestBatteries: for each case what makes it, and what nearly does.
func TestBatteries(t *testing.T) {
	rows := []struct {
		name, hs, description string
		battery               *parcel.Battery
		cases                 []goods.BatteryCase
		evidence              string
	}{
		{"none", "420222", "Leather bag", nil, nil, ""},
		{"by code", "850760", "Electronic accessory", nil, []goods.BatteryCase{goods.Undeclared}, "850760"},
		{"by a short code", "8507", "Electronic accessory", nil, []goods.BatteryCase{goods.Undeclared}, "8507"},
		{"lead by code", "850710", "Accumulator", nil, nil, ""},
		{"by words", "392690", "Power bank 10000 mAh", nil, []goods.BatteryCase{goods.Undeclared}, "Power bank"},
		{"by Chinese words", "392690", "充电宝", nil, []goods.BatteryCase{goods.Undeclared}, "充电宝"},
		{"by plural", "392690", "lithium batteries", nil, []goods.BatteryCase{goods.Undeclared}, "lithium batteries"},
		{"the case only", "392690", "Power bank case", nil, nil, ""},
		{"mostly with one", "851830", "Wireless earbuds", nil, nil, ""},
		{"declared", "850760", "Power bank 10000 mAh", battery("UN3480", "37", ""), nil, ""},
		{"at the limit", "850760", "Power bank", battery("UN3480", "100", ""), nil, ""},
		{"over it", "850760", "Power bank", battery("UN3480", "100.00001", ""), []goods.BatteryCase{goods.OverLimit}, ""},
		{"a cell at the limit", "850760", "18650 cell", battery("UN3480", "20", ""), nil, ""},
		{"a cell over it", "850760", "18650 cell", battery("UN3480", "20.1", ""), []goods.BatteryCase{goods.OverLimit}, ""},
		{"no figure", "850760", "Power bank", battery("UN3480", "", "5"), []goods.BatteryCase{goods.FigureMissing}, ""},
		{"metal at the limit", "850650", "Lithium thionyl chloride pack", battery("UN3090", "", "2"), nil, ""},
		{"metal over it", "850650", "Lithium thionyl chloride pack", battery("UN3091", "", "2.1"), []goods.BatteryCase{goods.OverLimit}, ""},
		{"metal without a figure", "850650", "Battery", battery("UN3090", "10", ""), []goods.BatteryCase{goods.FigureMissing}, ""},
		{"understated charge", "850760", "Power bank 20000 mAh", battery("UN3480", "7.4", ""), []goods.BatteryCase{goods.Understated}, "20000 mAh"},
		{"understated energy", "850760", "储能电源 300Wh", battery("UN3480", "99", ""), []goods.BatteryCase{goods.Understated}, "300Wh"},
		{"thousands parted", "850760", "Power bank 20,000mAh", battery("UN3480", "7.4", ""), []goods.BatteryCase{goods.Understated}, "20,000mAh"},
		{"rightly stated", "850760", "Power bank 20000 mAh 74 Wh", battery("UN3480", "74", ""), nil, ""},
		{"iron phosphate", "850760", "LiFePO4 battery 6000 mAh", battery("UN3480", "19.2", ""), nil, ""},
		{"another number", "850760", "Accumulator", battery("UN3090", "", "1"), []goods.BatteryCase{goods.WrongNumber}, "850760"},
		{"a power bank of metal", "392690", "Power bank", battery("UN3090", "", "1"), []goods.BatteryCase{goods.WrongNumber}, "Power bank"},
		{"a button cell that recharges", "392690", "CR2032, 10 pcs", battery("UN3480", "1", ""), []goods.BatteryCase{goods.WrongNumber}, "CR2032"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			r := read(row.description)
			var cases []goods.BatteryCase
			for _, f := range goods.Batteries(nil, row.hs, row.description, &r, row.battery) {
				cases = append(cases, f.Case)
				require.Equal(t, row.evidence, f.Evidence)
				require.NotEmpty(t, f.Field)
			}
			require.Equal(t, row.cases, cases)
		})
	}
}

func TestWeigh(t *testing.T) {
	rows := []struct {
		hs        string
		grams     int64
		plausible bool
	}{
		{"711719", 20, true}, {"711719", 20_000, false}, {"960810", 12, true}, {"960810", 12_000, false}, {"847130", 1900, true}, {"847130", 20, false},
		{"8471", 20, true}, {"640399", 900, true}, {"640399", 15_000, false}, {"392690", 25_000, true}, {"999999", 25_000, true},
	}
	for _, row := range rows {
		_, ok := goods.Weigh(row.hs, row.grams*1000)
		require.Equal(t, row.plausible, ok, "%d g under %s", row.grams, row.hs)
	}
	_, ok := goods.Weigh("999999", 9)
	require.False(t, ok, "lighter than a sequin")
}

func TestHeadingsAndDestinations(t *testing.T) {
	for code, want := range map[string]string{
		"930200": "9302", "0507100010": "050710", "05079090": "0507", "97051000": "970510", "850511": "850511", "8806": "8806", "880621": "880621",
		"850519": "", "950300": "", "293930": "", "490900": "", "9": "", "": "", "0102": "01", "280530": "280530",
	} {
		r, ok := goods.Heading(code)
		require.Equal(t, want != "", ok, code)
		require.Equal(t, want, r.Heading, code)
	}
	_, ok := goods.Barred("020110", "KZ")
	require.True(t, ok, "beef to Kazakhstan")
	_, ok = goods.Barred("020110", "UZ")
	require.False(t, ok, "nothing is known of Uzbekistan")
	for code, barred := range map[string]bool{"070200": true, "071320": false, "080810": true, "081190": false, "280800": true, "283421": false} {
		_, ok = goods.Barred(code, "DE")
		require.Equal(t, barred, ok, "%s to Germany", code)
	}
	_, ok = goods.Barred("620442", "KZ")
	require.False(t, ok)
	r, ok := goods.BarredKind(goods.PlantSeed, "AU")
	require.True(t, ok)
	require.Equal(t, "AU", r.Group)
	_, ok = goods.BarredKind(goods.Weapon, "AU")
	require.False(t, ok, "what China bars needs no row of the destination")
	require.Regexp(t, `^[0-9a-f]{12}$`, goods.Version())
}
