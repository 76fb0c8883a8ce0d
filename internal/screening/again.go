package screening

import "github.com/alataw/alataw/internal/parcel"

// With gives rules that differ in the set alone: lists, settings and all else stay, but for what is drawn so that lanes get their expected
// shares. That was counted for the set in force; what another would lack nobody has counted.
func (r *Rules) With(set *Set) *Rules {
	basis := r.Basis
	basis.Set, basis.TopUp = set, nil
	return NewRules(r.cfg, basis)
}

// JudgeAgain judges parcels that were judged before, by what was sent before each of them then; they do not count for each other.
func (r *Rules) JudgeAgain(subjects []Subject, pasts []Past) []Verdict {
	verdicts, desk := make([]Verdict, len(subjects)), r.newDesk()
	for i := range subjects {
		verdicts[i] = desk.judge(&subjects[i], pasts[i])
	}
	return verdicts
}

// SubjectOf computes of a stored parcel what was computed of it when it was declared, but its value, which rules work out by their rates.
func SubjectOf(d parcel.Declared) Subject { return subjectOf(d) }
