// Package bench reads what a run costs the machine, process by process and stage by stage, and prints figures beside their baselines.
package bench

import (
	"runtime"
	"slices"
	"time"
)

// Report is what one run measured.
type Report struct {
	Machine Machine  `json:"machine"`
	Figures []Figure `json:"figures"`
	Costs   []Cost   `json:"costs"` // CPU by stage; those of one part add up to what the part cost
	// Statements is the time in PostgreSQL's statements, waiting included: it does not add up with Costs.
	Statements []Cost   `json:"statements"`
	Moments    []Moment `json:"moments"` // of the sustained parts, one a second
}

// Machine says where the figures come from.
type Machine struct {
	System     string    `json:"system"`
	Processors int       `json:"processors"`
	Go         string    `json:"go"`
	At         time.Time `json:"at"`
}

// ThisMachine describes where the program runs.
func ThisMachine(now time.Time) Machine {
	return Machine{System: runtime.GOOS + "/" + runtime.GOARCH, Processors: runtime.NumCPU(), Go: runtime.Version(), At: now.UTC()}
}

// Figure is one line of the table: a value, and beside it the baseline measured in the same run.
type Figure struct {
	Part     string    `json:"part"` // of the bench, such as "journey"
	Name     string    `json:"name"`
	Value    float64   `json:"value"`
	Unit     string    `json:"unit"`
	Aim      string    `json:"aim,omitempty"`
	Beside   *Baseline `json:"beside,omitempty"`
	Service  *float64  `json:"service_us,omitempty"` // CPU µs of the service for each parcel
	All      *float64  `json:"all_us,omitempty"`     // with database, broker and load generator
	Idle     *float64  `json:"idle,omitempty"`       // of the machine, 0 to 1
	Others   *float64  `json:"others,omitempty"`     // what processes that are none of ours took, 0 to 1
	Comments []string  `json:"comments,omitempty"`
}

// Baseline is what a figure is measured against.
type Baseline struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Ratio float64 `json:"ratio"` // the figure divided by it
}

// Against puts a baseline beside a figure.
func (f Figure) Against(name string, value float64) Figure {
	f.Beside = &Baseline{Name: name, Value: value}
	if value > 0 {
		f.Beside.Ratio = f.Value / value
	}
	return f
}

// At adds what the figure's n parcels cost. What the system does not tell stays out.
func (f Figure) At(used Used, n int64) Figure {
	if !used.Known || n == 0 {
		return f
	}
	service, all := used.Per(ServicePart, n), 0.0
	for part := range used.Parts {
		all += used.Per(part, n)
	}
	idle, others := used.Idle(), used.Others()
	f.Service, f.All, f.Idle, f.Others = &service, &all, &idle, &others
	return f
}

// Cost is what a stage took of the processors for each parcel.
type Cost struct {
	Part  string  `json:"part"`  // of the bench
	Owner string  `json:"owner"` // the process: service, PostgreSQL, broker, load
	Stage string  `json:"stage"`
	Work  string  `json:"work"`
	Us    float64 `json:"us"` // CPU µs a parcel
}

// Moment is what a sampler saw at one time.
type Moment struct {
	Part    string  `json:"part"`
	Second  float64 `json:"second"` // since the part began
	Taken   int64   `json:"taken"`  // orders the queue has
	Decided int64   `json:"decided"`
	Settled int64   `json:"settled"` // held, in a unit, or told that no route serves it
	RSS     int64   `json:"rss"`     // of the service, in bytes; 0 is not measured
}

// Backlog is how many orders are under way.
func (m Moment) Backlog() int64 { return m.Taken - m.Settled }

// Slope fits a line through y over x by least squares and gives its rise for each unit of x; 0 for fewer than two points.
func Slope(moments []Moment, y func(Moment) float64) float64 {
	n := float64(len(moments))
	var sx, sy, sxx, sxy float64
	for _, m := range moments {
		x, v := m.Second, y(m)
		sx, sy, sxx, sxy = sx+x, sy+v, sxx+x*x, sxy+x*v
	}
	if d := n*sxx - sx*sx; d > 0 {
		return (n*sxy - sx*sy) / d
	}
	return 0
}

// Median of the values; 0 of none.
func Median(values []int64) int64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
