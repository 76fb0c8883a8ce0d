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

const maxSampleKey = 128

// What is drawn is filed under these names, which no rule of a set may have.
const (
	RuleSample   = "random.sample"
	RuleExpected = "random.expected"
)

// randomSample is the rule random.sample: some parcels are looked at whatever they declare, as customs everywhere do (ASYCUDA's
// random quota), so that what the rules miss is learned of. The draw depends on the parcel's ID and the office's key alone:
// a parcel judged twice is drawn twice or never.
func (d *desk) randomSample(s *Subject) {
	points := Percent(d.cfg.RandomBasisPoints)
	if p := d.Set.document.Sampling.Random; p != nil {
		points = *p
	}
	if points == 0 || draw(d.cfg.SampleKey, nil, s.ID) >= int(points) {
		return
	}
	d.hits.add(last, parcel.Reason{
		Rule: RuleSample, Category: parcel.Random, Lane: parcel.Yellow, Score: 0, Value: strconv.Itoa(int(points)),
		Explanation:   fmt.Sprintf("Drawn at random: %d of every %d parcels are, whatever they declare.", points, All),
		ExplanationZH: fmt.Sprintf("随机抽查：不论申报内容，每 %d 件抽取 %d 件。", All, points),
	})
}

// last is the place of what no rule of the set says.
const last = mostRules

// topUp is the rule random.expected: where the rules select fewer parcels for a lane than an office expects, as many more are
// drawn among those that the rules leave green (ASYCUDA's expected rate). How many were lacking is counted apart from judging,
// and is part of the basis: a parcel judged again is drawn again.
func (d *desk) topUp(s *Subject) {
	for _, lane := range toppedUp {
		points := d.TopUp[lane]
		if points == 0 || d.hits.lane != parcel.Green || draw(d.cfg.SampleKey, []byte(lane), s.ID) >= int(points) {
			continue
		}
		d.hits.add(last, parcel.Reason{
			Rule: RuleExpected, Category: parcel.Random, Lane: lane, Score: 0, Value: strconv.Itoa(int(points)),
			Explanation: fmt.Sprintf("Drawn at random: %d of every %d parcels that the rules leave green are, so that the %s lane gets the share that the office expects.",
				points, All, lane),
			ExplanationZH: fmt.Sprintf("随机抽查：规则判为绿色通道的包裹，每 %d 件抽取 %d 件，使%s色通道达到本关区的预期比例。", All, points, laneZH[lane]),
		})
	}
}

var laneZH = map[parcel.Lane]string{parcel.Red: "红", parcel.Yellow: "黄", parcel.Blue: "蓝"}

// draw gives a parcel's number in a draw, 0 to 9,999, each as likely. Each of names has a draw of its own.
func draw(key string, of []byte, id parcel.ID) int {
	var room [len(drawing) + maxSampleKey + 1 + len(id) + 1 + sha256.Size]byte
	text := append(room[:0], drawing...)
	text = append(text, key...)
	text = append(text, 0)
	text = append(text, id[:]...)
	if of != nil {
		text = append(append(text, 0), of...)
	}
	sum := sha256.Sum256(text)
	return int(binary.BigEndian.Uint64(sum[:8]) % uint64(All))
}
