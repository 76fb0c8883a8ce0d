package screening

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"

	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/watchlist"
)

// edition names the rules as they are written here. It changes whenever a rule would judge otherwise.
const edition = "builtin-1"

// Rules is a rule set: the built-in rules, an office's settings, and the watch lists in force. It is immutable, and the same
// rule set gives the same verdict for ever.
type Rules struct {
	cfg     Config
	lists   *watchlist.Index
	version string
}

// NewRules makes a rule set of a configuration that Validate found nothing wrong with.
func NewRules(cfg Config, lists *watchlist.Index) *Rules {
	return &Rules{cfg: cfg, lists: lists, version: versionOf(cfg, lists)}
}

// Version names the rule set: the edition of the built-in rules, and 12 digits of a hash over its tables, settings and lists.
func (r *Rules) Version() string { return r.version }

func versionOf(cfg Config, lists *watchlist.Index) string {
	hash := sha256.New()
	fmt.Fprintf(hash, "%s\n%#v\n%s\n", edition, cfg, lists.Version())
	names, err := fs.Glob(tables, "tables/*.csv")
	if err != nil {
		panic(err) // the pattern is constant
	}
	for _, name := range names {
		text, err := tables.ReadFile(name)
		if err != nil {
			panic(err) // embedded files can be read
		}
		hash.Write(text)
	}
	return edition + "-" + hex.EncodeToString(hash.Sum(nil))[:12]
}

// Judge judges one parcel; past is what its consignee was sent before. Every rule is asked and every hit is kept; the
// heaviest lane among them decides.
func (r *Rules) Judge(s *Subject, past Past) Verdict { return r.judge(s, past, unlisted{}) }

func (r *Rules) judge(s *Subject, past Past, sellers unlisted) Verdict {
	h := hits{version: r.version, lane: parcel.Green}
	r.listedName(s, sellers, &h)
	for i := range s.Declaration.Items {
		judgeItem(s, i, &h)
	}
	r.ticketValue(s, &h)
	density(s, &h)
	r.splitParcels(s, past, &h)
	r.splitValue(s, past, &h)
	r.randomSample(s, &h)
	return h.verdict()
}

// judgeItem asks the rules that look at one line of goods. Its description is read once for all of them.
func judgeItem(s *Subject, index int, h *hits) {
	var room itemRoom
	it := itemOf(&s.Declaration, index, &room)
	prohibitedWord(it, h)
	prohibitedHeading(it, h)
	emptyDescription(it, h)
	batteries(it, h)
	pieceWeight(it, h)
}

// hits collects what the rules say of one parcel.
type hits struct {
	version string
	lane    parcel.Lane
	reasons []parcel.Reason
}

func (h *hits) add(reason parcel.Reason) {
	reason.Version = h.version
	h.lane = h.lane.Outrank(reason.Lane)
	h.reasons = append(h.reasons, reason)
}

func (h *hits) verdict() Verdict {
	status := parcel.Cleared
	if h.lane.Holds() {
		status = parcel.Held
	}
	return Verdict{Status: status, Lane: h.lane, Reasons: h.reasons, Version: h.version}
}
