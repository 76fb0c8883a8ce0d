package kafka_test

import (
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// fault lets one of the faults happen, and ends it.
func (w *world) fault() {
	all := []struct {
		name   string
		happen func()
	}{
		{"answers lost after the store", w.loseAnswers},
		{"too few replicas", w.refuse},
		{"broker restarted", w.restart},
		{"members come and go", w.churn},
		{"connections fall silent", w.silence},
		{"connections break", w.deafen},
		{"cluster out of reach", w.isolate},
		{"slow answers", w.slow},
		{"database away", w.loseDatabase},
	}
	chosen := all[w.random.IntN(len(all))]
	w.faults[chosen.name]++
	chosen.happen()
}

// calm lets some time pass.
func (w *world) calm(least, most time.Duration) { time.Sleep(w.between(least, most)) }

func (w *world) between(least, most time.Duration) time.Duration {
	return least + time.Duration(w.random.Int64N(int64(most-least)))
}

// loseAnswers has the broker store what it is given and say that it took too long.
func (w *world) loseAnswers() {
	fault := w.cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.RequestTimedOut, Count: 1 + w.random.IntN(20)})
	w.calm(10*time.Second, time.Minute)
	fault.Remove()
}

// refuse has too few replicas for a minute: nothing is stored.
func (w *world) refuse() {
	fault := w.cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.NotEnoughReplicas, Count: -1})
	time.Sleep(time.Minute)
	fault.Remove()
}

func (w *world) restart() {
	w.cluster.Close()
	w.calm(time.Millisecond, 30*time.Second)
	w.start()
}

// churn rebalances the group every few seconds for a minute.
func (w *world) churn() {
	for end := time.Now().Add(time.Minute); time.Now().Before(end); w.calm(time.Second, 5*time.Second) {
		if len(w.members) > 0 && (len(w.members) > simMembers || w.random.IntN(2) == 0) {
			w.part()
		} else {
			w.join()
		}
	}
	if len(w.members) == 0 {
		w.join()
	}
}

// silence makes some connections black holes for good. New ones are well.
func (w *world) silence() {
	for _, conn := range w.some(w.random, 0.5, false) {
		conn.silent.Store(true)
	}
}

// deafen breaks some connections just before the answer: what was asked is done, and nobody hears of it.
func (w *world) deafen() {
	for _, conn := range append(w.some(w.random, 0.5, false), w.some(w.random, 0.5, true)...) {
		conn.deaf.Store(true)
	}
}

// isolate swallows all there is to and from the broker. Connections are broken too, for the reason given at dawdle.
func (w *world) isolate() {
	w.swallow("9092")
	w.cut()
	w.calm(time.Second, 2*time.Minute)
	w.swallow("")
}

func (w *world) slow() {
	w.slowness.Store(int64(w.between(time.Millisecond, 200*time.Millisecond)))
	time.Sleep(time.Minute)
	w.slowness.Store(0)
}

// loseDatabase has every handler fail, while members come and go or connections break: what was read and not handled is another's then.
func (w *world) loseDatabase() {
	w.baseless.Store(true)
	w.calm(time.Second, 10*time.Minute)
	switch w.random.IntN(3) {
	case 0:
		w.churn()
	case 1:
		w.deafen()
		w.calm(time.Second, time.Minute)
	}
	w.baseless.Store(false)
}
