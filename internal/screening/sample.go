package screening

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strconv"

	"github.com/alataw/alataw/internal/parcel"
)

// drawing names how parcels are drawn. It is apart from the rule set's version: a new list must not draw anew.
const drawing = "alataw.sample.v1\x00"

const (
	maxSampleKey = 128
	allPoints    = 10_000
)

// randomSample is the rule random.sample: some parcels are looked at whatever they declare, as customs everywhere do (ASYCUDA's
// random quota), so that what the rules miss is learned of. The draw depends on the parcel's ID and the office's key alone:
// a parcel judged twice is drawn twice or never.
func (r *Rules) randomSample(s *Subject, h *hits) {
	points := r.cfg.RandomBasisPoints
	if points == 0 || draw(r.cfg.SampleKey, s.ID) >= points {
		return
	}
	h.add(parcel.Reason{
		Rule: "random.sample", Category: parcel.Random, Lane: parcel.Yellow, Score: 0, Value: strconv.Itoa(points),
		Explanation: fmt.Sprintf("Drawn at random: %d of every %d parcels are, whatever they declare.", points, allPoints),
	})
}

// draw gives a parcel's number in the draw, 0 to 9,999, each as likely.
func draw(key string, id parcel.ID) int {
	var room [len(drawing) + maxSampleKey + 1 + len(id)]byte
	text := append(room[:0], drawing...)
	text = append(text, key...)
	text = append(text, 0)
	text = append(text, id[:]...)
	sum := sha256.Sum256(text)
	return int(binary.BigEndian.Uint64(sum[:8]) % allPoints)
}
