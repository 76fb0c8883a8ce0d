package risk

import (
	"fmt"
	"strings"
)

// word is a factor in both languages.
type word struct{ english, chinese string }

// words are the factors that people have a word for. Others are called by their names.
var words = map[string]word{
	"hs2": {"HS chapter", "章"}, "hs4": {"HS heading", "品目"}, "hs6": {"HS subheading", "子目"},
	"seller": {"seller", "卖家"}, "importer": {"importer", "进口人"}, "declarant": {"declarant", "申报人"}, "courier": {"courier", "快递企业"},
	"platform": {"platform", "平台"}, "origin": {"origin", "原产国"}, "departure": {"country of departure", "启运国"},
	"destination": {"destination", "目的国"}, "route": {"route", "线路"}, "mode": {"mode", "监管方式"}, "transport": {"mode of transport", "运输方式"},
	"office": {"office", "海关"}, "import_type": {"type of import", "进口类型"}, "import_use": {"use", "用途"}, "payment": {"type of payment", "支付方式"},
	"tax_type": {"type of duty", "税种"}, "tax_rate": {"rate of duty", "税率"}, "origin_mark": {"mark of origin", "原产地标识"},
	"price": {"price", "价格"}, "price_per_kg": {"price per kg", "每千克价格"}, "net_mass": {"net mass in kg", "净重（千克）"},
	"gross_mass": {"gross mass in kg", "毛重（千克）"}, "value": {"value", "货值"}, "price_level": {"price against others'", "与同类价格相比"}, "sku": {"article", "货号"},
}

func wordOf(factor string) word {
	if w, ok := words[factor]; ok {
		return w
	}
	return word{factor, factor}
}

// Explain says in English and in Chinese what a contribution rests on; factors are those that were scored.
func (m *Model) Explain(c Contribution, factors []Factor) (english, chinese string) {
	en, zh := m.what(c.Term, factors)
	share := 100 * float64(c.AtFault) / float64(max(c.Inspected, 1))
	return fmt.Sprintf("%s: %d of %d inspected at fault (%.0f %%)", en, c.AtFault, c.Inspected, share),
		fmt.Sprintf("%s：已查验 %d 票，其中 %d 票有问题（%.0f %%）", zh, c.Inspected, c.AtFault, share)
}

// what names a term's values.
func (m *Model) what(term int, factors []Factor) (english, chinese string) {
	if term == len(m.terms) {
		return "the very same goods", "完全相同的货物"
	}
	var en, zh []string
	for ; term >= 0; term = m.terms[term].parent {
		name := m.factors[m.terms[term].factor]
		w, text := wordOf(name), valueOf(factors, name)
		if text == "" {
			en, zh = append(en, w.english+" not given"), append(zh, w.chinese+"未填")
			continue
		}
		en, zh = append(en, w.english+" "+text), append(zh, w.chinese+" "+inChinese(text))
	}
	return strings.Join(en, ", "), strings.Join(zh, "，")
}

// tiers are a price's tiers in Chinese.
var tiers = map[string]string{
	tierFarBelow: "低于中位数 4 个离散度以上", tierWellBelow: "低于中位数 3 至 4 个离散度", tierBelow: "低于中位数 2 至 3 个离散度",
	tierUnder: "低于中位数 1 至 2 个离散度", tierUsual: "正常", tierAbove: "高于中位数 2 个离散度以上",
}

func inChinese(text string) string {
	if tier, ok := tiers[text]; ok {
		return tier
	}
	return strings.ReplaceAll(text, " to ", " 至 ")
}

func valueOf(factors []Factor, name string) string {
	for _, f := range factors {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

// chance is a probability in words. Nothing is sure.
func chance(p float64) word {
	switch {
	case p > 0.99:
		return word{"more than 99 %", "超过 99 %"}
	case p < 0.01:
		return word{"less than 1 %", "不足 1 %"}
	}
	return word{fmt.Sprintf("%.0f %%", 100*p), fmt.Sprintf("为 %.0f %%", 100*p)}
}

// Sum says in one line how likely a declaration is to be at fault, and the few things that speak the loudest for it.
func (m *Model) Sum(s Score, factors []Factor, few int) (english, chinese string) {
	var en, zh []string
	for _, c := range s.Because {
		if c.LogOdds > 0 && len(en) < few {
			e, z := m.Explain(c, factors)
			en, zh = append(en, e), append(zh, z)
		}
	}
	average := 0.0
	if m.total.seen > 0 {
		average = 100 * float64(m.total.faults) / float64(m.total.seen)
	}
	p := chance(s.P)
	english = fmt.Sprintf("%s likely to be at fault, where %.0f %% of %d inspected were", p.english, average, m.total.seen)
	chinese = fmt.Sprintf("有问题的可能性%s，已查验 %d 票的平均值为 %.0f %%", p.chinese, m.total.seen, average)
	if len(en) > 0 {
		english, chinese = english+"; "+strings.Join(en, "; "), chinese+"；"+strings.Join(zh, "；")
	}
	return english, chinese
}
