package screening

// JudgeAll judges the new parcels of one batch, in their order; it is a Judge. To what is stored it adds the parcels that stand
// earlier in the batch, just as the store counts. So a stream gets the same verdicts however it is cut into batches.
func (r *Rules) JudgeAll(subjects []Subject, pasts []Past) []Verdict {
	verdicts := make([]Verdict, len(subjects))
	before, numbers, desk := predecessors(subjects), map[string]bool{}, r.newDesk()
	for i := range subjects {
		s, past := &subjects[i], pasts[i]
		since := s.ReceivedAt.Add(-Window)
		for j := before[i]; j >= 0; j = before[j] {
			if subjects[j].ReceivedAt.After(since) {
				past.add(&subjects[j], subjects[j].Consignee == s.Consignee)
			}
		}
		past.Reused = past.Reused || numbers[s.Declaration.TrackingNo]
		numbers[s.Declaration.TrackingNo] = true
		verdicts[i] = desk.judge(s, past)
	}
	return verdicts
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
