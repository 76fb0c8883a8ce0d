package screening

import (
	"fmt"
	"strings"

	"github.com/alataw/alataw/internal/parcel"
)

// prohibitedWord is the rule prohibited.words: a description may not name goods that may not leave China, or leave by licence
// only. The words, in English, Chinese and Russian, and the law for each are tables/prohibited.csv; phrases that make them
// harmless are tables/harmless.csv, and what makes a likeness of the goods, for words that are not sure, tables/likenesses.csv.
// Of several words in one description the one of the heaviest lane is told, then the first.
func prohibitedWord(it item, h *hits) {
	var worst *found
	for i := range it.phrases {
		f := &it.phrases[i]
		if f.topic == forbidden && (worst == nil || f.lane.Rank() > worst.lane.Rank()) {
			worst = f
		}
	}
	if worst == nil || worst.lane != parcel.Red && it.isLikeness() {
		return
	}
	reason := it.about("prohibited.words", parcel.Prohibited, "description", it.Description)
	reason.Lane, reason.Score = worst.lane, scoreOf(worst.lane)
	reason.Matched = &parcel.Matched{List: "prohibited_words", Entry: worst.language + ":" + worst.phrase, Name: worst.names}
	reason.Explanation = fmt.Sprintf("The description has %q, which can name %s: %s.", it.text(worst), worst.names, worst.source)
	h.add(reason)
}

// scoreOf is how sure a table's row is by its lane: red ones name the thing and little else.
func scoreOf(lane parcel.Lane) float64 {
	if lane == parcel.Red {
		return 0.9
	}
	return 0.6
}

// isLikeness tells whether the description's last words, sizes aside, say that the thing is a likeness of something.
func (it *item) isLikeness() bool {
	if len(it.phrases) == 0 {
		return false
	}
	last := &it.phrases[len(it.phrases)-1]
	for word := range strings.FieldsSeq(string(it.folded[last.to:])) {
		if !strings.ContainsAny(word, "0123456789") {
			return false
		}
	}
	return last.topic == likeness
}
