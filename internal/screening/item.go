package screening

import (
	"strconv"

	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/watchlist"
)

// item is one line of goods as the rules see it.
type item struct {
	*parcel.Item
	parcel  *parcel.Declaration
	index   int
	folded  []byte
	phrases []found // of the lexicon, in the description
	letters int     // that say something in the description
}

// itemRoom is room on the stack for what reading a description gives.
type itemRoom struct {
	text    [512]byte
	phrases [8]found
}

func itemOf(d *parcel.Declaration, index int, room *itemRoom) item {
	it := item{Item: &d.Items[index], parcel: d, index: index}
	it.folded = watchlist.AppendFolded(room.text[:0], it.Description)
	it.phrases, it.letters = words.scan(room.phrases[:0], it.folded)
	return it
}

// at is the JSON pointer of one of the item's fields.
func (it *item) at(field string) string { return "/items/" + strconv.Itoa(it.index) + "/" + field }

// about begins the reason for a hit on one of the item's fields.
func (it *item) about(rule string, category parcel.Category, field, value string) parcel.Reason {
	return parcel.Reason{Rule: rule, Category: category, Field: it.at(field), Value: value}
}

// text gives a phrase as it stands in the description, folded.
func (it *item) text(f *found) string { return string(it.folded[f.from:f.to]) }
