package goods_test

import (
	"strings"
	"testing"

	"github.com/alataw/alataw/internal/goods"
)

// BenchmarkRead reads descriptions that name nothing to look at: the plainest, and one of each language.
func BenchmarkRead(b *testing.B) {
	for name, text := range map[string]string{
		"plain": "WHITE HANGING HEART TEA HOLDER", "english": "Phone case with card holder, PU leather", "chinese": "夏季新款女士纯棉连衣裙 红色 大号",
		"russian": "Платье женское хлопковое, синее", "hit": "9mm handgun with holster", "nothing but hits": strings.Repeat("gun ", 62), "nothing but Chinese hits": strings.Repeat("手枪", 125),
	} {
		b.Run(name, func(b *testing.B) {
			var room goods.Room
			b.ReportAllocs()
			for b.Loop() {
				goods.Read(text, &room)
			}
		})
	}
}
