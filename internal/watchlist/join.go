package watchlist

import "strings"

const (
	fewestJoined = 2 // letters of a word that may be several
	mostParts    = 5

	mostOfSyllables = 0.5 // change between characters and their Latin spelling
)

// joinsOf finds words of the first name that are written as several in the second: Ramimakhlouf, L.X.C. The parts may stand in any order
// and place.
func (l *alignment) joinsOf() {
	if len(l.b) < 2 {
		return
	}
	for i := range l.a {
		opens, begins, ends := l.parted(uint32(1) << i)
		if parts, cost := partsOf(l.a[i].token, l.b, opens, begins, ends); parts != 0 {
			l.found = append(l.found, pair{1 << i, parts, cost, float32(l.a[i].letters) - 2.5*cost, Joined})
		}
	}
}

// joinedIn finds words of the second name that are written as several in the first.
func (l *alignment) joinedIn() {
	for j, m := range l.met {
		if m.parts != 0 {
			l.found = append(l.found, pair{m.parts, 1 << j, m.cost, float32(l.b[j].letters) - 2.5*m.cost, Joined})
		}
	}
}

// parted gives the places of the second name's words that may be the first of a word's parts by spelling, and its first and second by sound.
func (l *alignment) parted(word uint32) (opens, begins, ends uint32) {
	for j, m := range l.met {
		bit := uint32(1) << j
		if m.opens&word != 0 {
			opens |= bit
		}
		if m.begins&word != 0 {
			begins |= bit
		}
		if m.ends&word != 0 {
			ends |= bit
		}
	}
	return opens, begins, ends
}

// anywhere is all places.
const anywhere = ^uint32(0)

// partsOf finds the words that together are written as one; none is 0. Only those in opens may be the first of them by spelling, those
// in begins and ends by sound.
func partsOf(whole *token, words []piece, opens, begins, ends uint32) (parts uint32, cost float32) {
	if whole.letters < fewestJoined || whole.number {
		return 0, 0
	}
	j := joiner{parts: words, whole: whole}
	if whole.script == han || whole.script == hangul || opens == 0 || !j.chain(whole.spelled[0], 0, 0) {
		j.twoSounds(begins, ends)
	}
	return j.found, j.cost
}

// joiner looks for the parts of one word.
type joiner struct {
	parts []piece
	whole *token
	found uint32 // the parts' places
	cost  float32
}

// chain follows the word letter by letter through parts that it exactly is.
func (j *joiner) chain(rest string, used uint32, depth int) bool {
	if rest == "" {
		j.found, j.cost = used, 0.1
		return depth > 1
	}
	if depth == mostParts {
		return false
	}
	for i := range j.parts {
		spelled := j.parts[i].spelled[0]
		bit := uint32(1) << i
		after, ok := strings.CutPrefix(rest, spelled)
		if used&bit != 0 || !ok || spelled == "" {
			continue
		}
		if j.chain(after, used|bit, depth+1) {
			return true
		}
	}
	j.found = 0
	return false
}

// twoSounds finds two parts that together sound nearly as the word does, the first of begins and the second of ends.
func (j *joiner) twoSounds(begins, ends uint32) {
	most := 0.6 * mostDistance(j.whole.letters)
	if j.whole.script >= han {
		most = mostOfSyllables
	}
	j.found, j.cost = 0, far
	for i := range j.parts {
		if begins&(1<<i) == 0 {
			continue
		}
		for k := range j.parts {
			if i == k || ends&(1<<k) == 0 || !j.plausible(j.parts[i].token, j.parts[k].token) {
				continue
			}
			if cost := j.apart(j.parts[i].token, j.parts[k].token, min(j.cost, most)); cost < j.cost {
				j.found, j.cost = 1<<i|1<<k, cost
			}
		}
	}
	if j.cost > most {
		j.found = 0
	}
}

func (j *joiner) plausible(p, q *token) bool {
	const fewest, slack = 5, 2
	w := j.whole
	apart := len(p.spelled[0]) + len(q.spelled[0]) - len(w.spelled[0])
	if len(w.spelled[0]) < fewest || apart > slack || apart < -slack || p.sounds[0] == "" || q.sounds[0] == "" || w.sounds[0] == "" {
		return false
	}
	s := w.sounds[0]
	return taken(p.sounds[0][0], s[0]) && taken(q.sounds[0][len(q.sounds[0])-1], s[len(s)-1])
}

// apart is how far two parts together are from the word; more than most may be anything above it.
func (j *joiner) apart(p, q *token, most float32) float32 {
	const joined = 0.15
	cost := float32(far)
	for _, s := range j.whole.sounds {
		cost = min(cost, soundsApart(p.sounds[0]+q.sounds[0], s, most-joined))
	}
	return cost + joined
}
