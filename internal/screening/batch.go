package screening

// JudgeAll judges the new parcels of one batch, in their order; it is a Judge. To what is stored of a consignee it adds the
// consignee's parcels that stand earlier in the batch and were received within Window before the judged one or after it,
// just as the store counts. So a stream gets the same verdicts however it is cut into batches.
func (r *Rules) JudgeAll(subjects []Subject, pasts []Past) []Verdict {
	verdicts := make([]Verdict, len(subjects))
	before, sellers := predecessors(subjects), unlisted{}
	for i := range subjects {
		s, past := &subjects[i], pasts[i]
		since := s.ReceivedAt.Add(-Window)
		for j := before[i]; j >= 0; j = before[j] {
			if subjects[j].ReceivedAt.After(since) {
				past.Parcels++
				past.Fen += subjects[j].Fen
			}
		}
		verdicts[i] = r.judge(s, past, sellers)
	}
	return verdicts
}

// predecessors gives for each subject the place of the one before it with the same consignee, -1 where there is none.
func predecessors(subjects []Subject) []int {
	before := make([]int, len(subjects))
	last := make(map[int64]int, len(subjects))
	for i := range subjects {
		j, ok := last[subjects[i].Consignee]
		if !ok {
			j = -1
		}
		before[i], last[subjects[i].Consignee] = j, i
	}
	return before
}
