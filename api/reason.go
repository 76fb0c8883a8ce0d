package api

import (
	"time"

	"github.com/alataw/alataw/internal/parcel"
)

// Reason is one hit of a screening rule.
type Reason struct {
	Rule        string   `json:"rule" example:"sanctions.name"`
	Version     string   `json:"version" example:"1"` // of the rule set that judged
	Category    string   `json:"category" example:"sanctions"`
	Lane        string   `json:"lane" example:"red"`
	Score       float64  `json:"score" example:"0.93"` // 0 to 1, how sure the rule is
	Field       string   `json:"field,omitempty" example:"/consignee/name"`
	Value       string   `json:"value,omitempty"`
	Matched     *Matched `json:"matched,omitempty"`
	Explanation string   `json:"explanation"` // a sentence for a person
	// ExplanationZH is the same in Chinese.
	ExplanationZH string `json:"explanation_zh,omitempty"`
} //	@name	Reason

// Matched is the entry of a list that a value met.
type Matched struct {
	List  string `json:"list" example:"ofac_sdn"`
	Entry string `json:"entry" example:"12345"`
	Name  string `json:"name"`
} //	@name	Matched

func reasonsOf(reasons []parcel.Reason) []Reason {
	return convert(reasons, func(r parcel.Reason) Reason {
		return Reason{
			Rule: r.Rule, Version: r.Version, Category: string(r.Category), Lane: string(r.Lane), Score: r.Score,
			Field: r.Field, Value: r.Value, Matched: (*Matched)(r.Matched), Explanation: r.Explanation, ExplanationZH: r.ExplanationZH,
		}
	})
}

// instant prints a time as every answer has it: RFC 3339, UTC, with a Z.
func instant(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// instantOrNull is null for a time that has not come.
func instantOrNull(t *time.Time) *string {
	if t == nil || t.IsZero() {
		return nil
	}
	return new(instant(*t))
}

// textOrNull is null for a text that was not given.
func textOrNull[T ~string](s T) *string {
	if s == "" {
		return nil
	}
	return new(string(s))
}
