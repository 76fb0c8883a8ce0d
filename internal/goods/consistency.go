package goods

// Contradiction is a description that names goods which cannot be declared under the item's code.
type Contradiction struct {
	*Ware
	Code string // as declared
}

// Speaks tells whether a description names goods of another chapter than that of the declared code. It speaks only where the description calls
// the goods by one of the names of tables/wares.csv, and none of the headings that such goods could in good faith be under fits.
func Speaks(r *Reading, hs string) (Contradiction, bool) {
	if r.Ware == nil || len(hs) < 2 || r.Ware.MayBe(hs) {
		return Contradiction{}, false
	}
	return Contradiction{Ware: r.Ware, Code: hs}, true
}
