package parcel

// Reason is one hit of a rule: what it saw, what it matched, and a sentence an officer can read.
type Reason struct {
	Rule        string   `json:"rule"`     // e.g. sanctions.name
	Version     string   `json:"version"`  // of the rule set that judged
	Category    Category `json:"category"` // what kind of suspicion
	Lane        Lane     `json:"lane"`
	Score       float64  `json:"score"`             // 0..1, how sure the rule is
	Field       string   `json:"field,omitempty"`   // JSON pointer into the declaration
	Value       string   `json:"value,omitempty"`   // what stood there
	Matched     *Matched `json:"matched,omitempty"` // the list entry it met
	Explanation string   `json:"explanation"`       // in English
	// ExplanationZH says the same in Chinese. Verdicts of before rule sets were data have none.
	ExplanationZH string `json:"explanation_zh,omitempty"`
}

// Matched is the entry of a list that a value met.
type Matched struct {
	List  string `json:"list"`
	Entry string `json:"entry"`
	Name  string `json:"name"`
}

// Category is the kind of suspicion, as officers filter their desk by it.
type Category string

// The categories.
const (
	Sanctions   Category = "sanctions"
	Prohibited  Category = "prohibited"
	Value       Category = "value"
	Split       Category = "split"
	Weight      Category = "weight"
	Batteries   Category = "batteries"
	Description Category = "description"
	Random      Category = "random"

	Undervaluation Category = "undervaluation" // a price far below what such goods cost
	Consistency    Category = "consistency"    // parts of the declaration that do not go together
	Tracking       Category = "tracking"       // a tracking number that was used before
	ModeLimit      Category = "mode"           // what the declared supervision mode does not take
	Profile        Category = "profile"        // such parcels were often found at fault
)

// Categories are all categories.
var Categories = []Category{Sanctions, Prohibited, Value, Split, Weight, Batteries, Description, Random,
	Undervaluation, Consistency, Tracking, ModeLimit, Profile}
