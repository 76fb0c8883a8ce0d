package torture

import (
	"math/rand/v2"
	"time"

	"github.com/alataw/alataw/internal/failpoint"
)

// The faults, by the names that are printed.
const (
	databaseAway   = "database away" // the outage that is measured
	queueAway      = "queue away"    // the outage that is measured
	databaseSlow   = "database slow"
	databaseCut    = "database connections cut"
	databaseSilent = "database silent"
	databaseKilled = "database kill -9"
	databaseQuit   = "database SIGQUIT"
	sessionKilled  = "database session kill -9"
	databaseFull   = "database disk full"
	queueKilled    = "queue kill -9"
	queueFrozen    = "queue SIGSTOP"
	queueRefusing  = "queue without replicas"
	queueFull      = "queue disk full"
	rebalances     = "rebalances"
	killed         = "kill -9 of "
	terminated     = "SIGTERM of "
	frozen         = "SIGSTOP of "
	crashed        = "crash at "
)

// fault is something that is done to the program, or to what it stands on.
type fault struct {
	at, lasts time.Duration
	kind      string
	roll      uint32 // what else it needs of chance
}

// kinds are the faults that can be done here, those to the ground and those to the program's processes.
type kinds struct{ ground, processes []string }

func (r *run) kinds() kinds {
	k := kinds{
		ground: []string{
			databaseSlow, databaseCut, databaseSilent, databaseKilled, databaseQuit, sessionKilled, rebalances,
		},
		processes: []string{
			killed + "api", killed + "screen", killed + "bundle", killed + "dispatch", terminated + "api", terminated + "screen", terminated + "bundle",
			frozen + "screen", frozen + "bundle", frozen + "dispatch",
			crashed + failpoint.IntakeQueued, crashed + failpoint.Committing + "screening", crashed + failpoint.Committing + "bundling",
			crashed + failpoint.RelayPublished, crashed + failpoint.UnitSealing, crashed + failpoint.UnitReleasing,
		},
	}
	if r.site.Queue.Killable() > 0 {
		k.ground = append(k.ground, queueKilled, queueKilled, queueFrozen)
	}
	if _, able := r.site.Queue.(refuser); able {
		k.ground = append(k.ground, queueRefusing)
	}
	if canFill {
		k.ground = append(k.ground, databaseFull)
		if r.site.Queue.Killable() > 0 {
			k.ground = append(k.ground, queueFull)
		}
	}
	return k
}

const (
	leastLasting = 2 * time.Second
	mostLasting  = 10 * time.Second
	mostQueueOut = 8 * time.Second
)

// schedule is what will be done, and when.
type schedule struct {
	calm     time.Duration // from the start, in which nothing is done
	measured []fault       // one after the other, and nothing beside them
	ground   []fault       // these two beside each other, counted from the end of what is measured
	house    []fault
}

// plan draws the faults of a run: an eighth of it is calm, then come the two outages that are measured, then two sequences at
// once, one against the ground and one against the processes, until nearly the end. The same seed gives the same plan.
func plan(dice *rand.Rand, duration, outage time.Duration, k kinds) schedule {
	lasts := min(max(duration/20, leastLasting), mostLasting)
	out := min(2*lasts, mostQueueOut)
	s := schedule{calm: duration / 8}
	s.measured = []fault{{lasts: outage, kind: databaseAway}, {lasts: out, kind: queueAway}}
	left := duration*11/12 - s.calm - outage - out - 3*aftermath
	s.ground = sequence(dice, left, lasts, k.ground)
	s.house = sequence(dice, left, lasts/2, k.processes)
	return s
}

// sequence draws faults one after the other, each kind once before any comes again.
func sequence(dice *rand.Rand, end, lasts time.Duration, kinds []string) (faults []fault) {
	for at := time.Duration(0); at < end; {
		for _, i := range dice.Perm(len(kinds)) {
			f := fault{at: at, lasts: lasts/2 + time.Duration(dice.Int64N(int64(lasts))), kind: kinds[i], roll: dice.Uint32()}
			at += f.lasts + lasts/2
			if f.at >= end {
				break
			}
			faults = append(faults, f)
		}
	}
	return faults
}
