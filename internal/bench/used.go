package bench

import "time"

// The parts that share the machine in a run.
const (
	ServicePart  = "service"
	DatabasePart = "PostgreSQL"
	BrokerPart   = "broker"
	LoadPart     = "load generator"
)

// Used is what was used of the processors between two readings.
type Used struct {
	Known   bool // false where the system does not tell
	Wall    time.Duration
	Machine time.Duration // of all processors together, idle or not
	idle    time.Duration
	Parts   map[string]time.Duration
	Titles  map[string]time.Duration // of PostgreSQL, by what a process does
}

// Idle is the idle share of the machine.
func (u Used) Idle() float64 { return share(u.idle, u.Machine) }

// Others is the share that none of our parts used: of other programs, and of the system itself.
func (u Used) Others() float64 {
	rest := u.Machine - u.idle
	for _, used := range u.Parts {
		rest -= used
	}
	return max(0, share(rest, u.Machine))
}

// Per gives the microseconds a part used for each of n parcels.
func (u Used) Per(part string, n int64) float64 {
	return float64(u.Parts[part].Microseconds()) / float64(max(1, n))
}

func share(part, whole time.Duration) float64 {
	if whole <= 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

// Reading is a moment's reading of all that is counted.
type Reading struct {
	at            time.Time
	known         bool
	machine, idle time.Duration
	parts, titles map[string]time.Duration
}

// Since gives what was used between two readings.
func (r Reading) Since(before Reading) Used {
	u := Used{
		Known: r.known && before.known, Wall: r.at.Sub(before.at), Machine: r.machine - before.machine, idle: r.idle - before.idle,
		Parts: map[string]time.Duration{}, Titles: map[string]time.Duration{},
	}
	for part, used := range r.parts {
		u.Parts[part] = max(0, used-before.parts[part])
	}
	for title, used := range r.titles {
		u.Titles[title] = max(0, used-before.titles[title])
	}
	return u
}

// Meter reads what the processes of a run use. A process is named by its id; 0 is none.
type Meter struct {
	Service, Postmaster, Broker, Load int
	Now                               func() time.Time
}

// Read reads all. Where there is no /proc nothing is known.
func (m Meter) Read() Reading {
	r := Reading{at: m.Now(), parts: map[string]time.Duration{}, titles: map[string]time.Duration{}}
	r.machine, r.idle, r.known = machineTimes()
	for part, pid := range map[string]int{ServicePart: m.Service, BrokerPart: m.Broker, LoadPart: m.Load} {
		if pid == 0 {
			continue
		}
		if p, err := readProcess(pid); err == nil {
			r.parts[part] = p.own
		}
	}
	if m.Postmaster != 0 {
		r.titles = family(m.Postmaster)
		for _, used := range r.titles {
			r.parts[DatabasePart] += used
		}
	}
	return r
}

// Busy is the share of the machine that some of our parts used together.
func (u Used) Busy(parts ...string) float64 {
	var sum time.Duration
	for _, part := range parts {
		sum += u.Parts[part]
	}
	return share(sum, u.Machine)
}
