package screening

import "github.com/alataw/alataw/internal/parcel"

// Hearing judges one batch in two steps. Most of what the rules say does not depend on what was sent before, so it is found out
// before that is known: nobody else who sends to the same addresses has to wait meanwhile. It belongs to one goroutine.
type Hearing struct {
	desk  *desk
	found map[parcel.ID]finding
}

// finding is what was found of a declaration.
type finding struct {
	hits
	content parcel.Fingerprint
}

// Hear takes the first step for the parcels of a batch. Of those that share an ID the first counts.
func (r *Rules) Hear(subjects []Subject) *Hearing {
	h := &Hearing{desk: r.newDesk(), found: make(map[parcel.ID]finding, len(subjects))}
	if r.Set.entwined {
		return h
	}
	for i := range subjects {
		s := &subjects[i]
		if _, known := h.found[s.ID]; !known {
			h.found[s.ID] = finding{h.desk.examine(s, Past{}), s.Fingerprint}
		}
	}
	return h
}

// Judge judges the new ones of the batch, in their order; it is a Judge, and may be asked again. To what is stored it adds the
// parcels that stand earlier in the batch, just as the store counts. So a stream gets the same verdicts however it is cut into
// batches.
func (h *Hearing) Judge(fresh []Subject, pasts []Past) []Verdict {
	verdicts := make([]Verdict, len(fresh))
	before, numbers := predecessors(fresh), make(map[string]bool, len(fresh))
	for i := range fresh {
		s, past := &fresh[i], pasts[i]
		since := s.ReceivedAt.Add(-Window)
		for j := before[i]; j >= 0; j = before[j] {
			if fresh[j].ReceivedAt.After(since) {
				past.add(&fresh[j], fresh[j].Consignee == s.Consignee)
			}
		}
		past.Reused = past.Reused || numbers[s.Declaration.TrackingNo]
		numbers[s.Declaration.TrackingNo] = true
		verdicts[i] = h.judge(s, past)
	}
	return verdicts
}

func (h *Hearing) judge(s *Subject, past Past) Verdict {
	if found, ok := h.found[s.ID]; ok && found.content == s.Fingerprint {
		return h.desk.conclude(s, past, found.hits)
	}
	return h.desk.judge(s, past)
}

func (p *Past) add(s *Subject, same bool) {
	p.ThereParcels++
	p.ThereFen += s.Fen
	if same {
		p.Parcels++
		p.Fen += s.Fen
	}
}

// predecessors gives for each subject the place of the one before it with the same address, -1 where there is none. Who has the
// same consignee has the same address.
func predecessors(subjects []Subject) []int {
	before := make([]int, len(subjects))
	last := make(map[int64]int, len(subjects))
	for i := range subjects {
		j, ok := last[subjects[i].Address]
		if !ok {
			j = -1
		}
		before[i], last[subjects[i].Address] = j, i
	}
	return before
}
