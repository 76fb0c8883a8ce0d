package api

import (
	"crypto/rand"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/alataw/alataw/internal/parcel"
	"github.com/alataw/alataw/internal/review"
)

// Referral is what an officer asked about a parcel, or ordered, and the answer.
type Referral struct {
	Reference  string  `json:"reference" example:"RH3K7Q2V5W4T6ABCD"`
	Type       string  `json:"type" enums:"documents,information,inspection,stop" example:"documents"`
	Text       string  `json:"text" example:"the licence for the drone's camera"`
	Field      string  `json:"field,omitempty" example:"/items/0/description"` // JSON pointer into the declaration
	AskedBy    string  `json:"asked_by" example:"customs-1"`
	AskedAt    string  `json:"asked_at" format:"date-time" example:"2026-11-22T08:10:00Z"`
	Deadline   *string `json:"deadline" format:"date-time" extensions:"x-nullable" example:"2026-12-01T08:10:00Z"` // for the answer; null where none is asked for
	Overdue    bool    `json:"overdue" example:"false"`                                                            // the deadline passed without an answer
	AnsweredAt *string `json:"answered_at" format:"date-time" extensions:"x-nullable"`
	Answer     *Answer `json:"answer" extensions:"x-nullable"`
	ClosedAt   *string `json:"closed_at" format:"date-time" extensions:"x-nullable"` // when a decision ended it
} //	@name	Referral

// Answer is what a platform answered.
type Answer struct {
	Text        string              `json:"text" example:"The goods are toys, see the catalogue."`
	Documents   []DocumentReference `json:"documents"`
	Corrections []Correction        `json:"corrections"`
} //	@name	Answer

// Question is a referral as a receipt tells it.
type Question struct {
	Reference string  `json:"reference" example:"RH3K7Q2V5W4T6ABCD"`
	Type      string  `json:"type" enums:"documents,information,inspection,stop" example:"documents"`
	Text      string  `json:"text" example:"the licence for the drone's camera"`
	Field     string  `json:"field,omitempty" example:"/items/0/description"`
	Deadline  *string `json:"deadline" format:"date-time" extensions:"x-nullable" example:"2026-12-01T08:10:00Z"`
} //	@name	Question

// ReferralRequest is what a decision asks or orders. What it leaves out follows from the decision.
type ReferralRequest struct {
	Type     string `json:"type" enums:"documents,information,inspection,stop" example:"documents"` // of request_information: information when left out
	Text     string `json:"text" maxLength:"512" example:"the licence for the drone's camera"`      // the reason when left out
	Field    string `json:"field" maxLength:"300" example:"/items/0/description"`                   // JSON pointer into the declaration
	Deadline string `json:"deadline" format:"date-time"`                                            // for the answer; seven working days when left out
} //	@name	ReferralRequest

// DocumentReference names a document that the platform keeps ready. A plain string is taken for a reference without a type.
type DocumentReference struct {
	Type      string `json:"type,omitempty" maxLength:"100" example:"catalogue"`
	Reference string `json:"reference" binding:"required" maxLength:"500" example:"https://docs.example.com/catalogue.pdf"`
} //	@name	DocumentReference

// UnmarshalJSONFrom reads an object or a plain string.
func (d *DocumentReference) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if dec.PeekKind() == '"' {
		return json.UnmarshalDecode(dec, &d.Reference)
	}
	type object DocumentReference
	return json.UnmarshalDecode(dec, (*object)(d))
}

// Correction is what a field of the declaration ought to have said. The declaration itself stays as it was declared.
type Correction struct {
	Field string `json:"field" binding:"required" maxLength:"300" example:"/items/0/hs_code"` // JSON pointer into the declaration
	Value string `json:"value" binding:"required" maxLength:"500" example:"950300"`
} //	@name	Correction

func referralOf(r parcel.Referral) Referral {
	seen := Referral{
		Reference: r.Reference, Type: string(r.Type), Text: r.Text, Field: r.Field, AskedBy: r.AskedBy, AskedAt: instant(r.AskedAt),
		Deadline: instantOrNull(r.Deadline), Overdue: r.Overdue, AnsweredAt: instantOrNull(r.AnsweredAt), ClosedAt: instantOrNull(r.ClosedAt),
	}
	if a := r.Answer; a != nil {
		seen.Answer = &Answer{
			Text:        a.Text,
			Documents:   convert(a.Documents, func(d parcel.Attachment) DocumentReference { return DocumentReference(d) }),
			Corrections: convert(a.Corrections, func(c parcel.Correction) Correction { return Correction(c) }),
		}
	}
	return seen
}

func questionOf(r *parcel.Referral) *Question {
	if r == nil {
		return nil
	}
	return &Question{Reference: r.Reference, Type: string(r.Type), Text: r.Text, Field: r.Field, Deadline: instantOrNull(r.Deadline)}
}

// ask is what a decision asks; the desk checks whether it may.
func (r *ReferralRequest) ask(f *form) review.Ask {
	a := review.Ask{Reference: newReference()}
	if r == nil {
		return a
	}
	f.text("referral/text", r.Text, false, longestText)
	f.text("referral/field", r.Field, false, longestText)
	a.Type, a.Text, a.Field = parcel.ReferralType(r.Type), r.Text, r.Field
	if r.Deadline != "" {
		at := f.time("referral/deadline", r.Deadline)
		at = at.Truncate(time.Microsecond) // what a database keeps
		a.Deadline = &at
	}
	return a
}

// newReference names a referral: 17 characters, as many as a reference of ICS2 has at the most.
func newReference() string { return "R" + rand.Text()[:16] }

func (r InformationRequest) check() error {
	var f form
	f.text("text", r.Text, true, longestText)
	f.text("referral", r.Referral, false, longestReference)
	if len(r.Documents) > mostDocuments {
		f.refuse("documents", "count", "at most "+strconv.Itoa(mostDocuments)+" references are taken")
	}
	for i, d := range r.Documents {
		f.text("documents/"+strconv.Itoa(i), d.Reference, true, longestReference)
		f.text("documents/"+strconv.Itoa(i)+"/type", d.Type, false, longestType)
	}
	if len(r.Corrections) > mostDocuments {
		f.refuse("corrections", "count", "at most "+strconv.Itoa(mostDocuments)+" corrections are taken")
	}
	for i, c := range r.Corrections {
		at := "corrections/" + strconv.Itoa(i)
		if c.Field == "" || c.Field[0] != '/' {
			f.refuse(at+"/field", "pointer", "this is a JSON pointer into the declaration, e.g. /items/0/hs_code")
		}
		f.text(at+"/field", c.Field, false, longestField)
		f.text(at+"/value", c.Value, true, longestReference)
	}
	return f.err()
}

const (
	longestType  = 100
	longestField = 300
)

func (r InformationRequest) information() parcel.Information {
	info := parcel.Information{Referral: r.Referral, Text: r.Text}
	for _, d := range r.Documents {
		info.Documents = append(info.Documents, parcel.Attachment(d))
	}
	for _, c := range r.Corrections {
		info.Corrections = append(info.Corrections, parcel.Correction(c))
	}
	return info
}
