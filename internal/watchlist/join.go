package watchlist

import "strings"

const (
	fewestJoined = 2 // letters of a word that may be several
	mostParts    = 5

	mostOfSyllables = 0.5 // change between characters and their Latin spelling
)

// joins finds words of one name that are written as several in the other: Ramimakhlouf, L.X.C. The parts may stand in any order and place.
func (l *alignment) joins(whole, parts []piece, swapped bool) {
	if len(parts) < 2 {
		return
	}
	for i, w := range whole {
		if w.letters < fewestJoined || w.number {
			continue
		}
		j := joiner{parts: parts, whole: w.token}
		if w.script == han || w.script == hangul || !j.chain(w.spelled[0], 0, 0) {
			j.twoSounds()
		}
		if j.found == 0 {
			continue
		}
		p := pair{1 << i, j.found, j.cost, float32(w.letters) - 2.5*j.cost, Joined}
		if swapped {
			p.a, p.b = p.b, p.a
		}
		l.found = append(l.found, p)
	}
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
	for i, p := range j.parts {
		bit := uint32(1) << i
		after, ok := strings.CutPrefix(rest, p.spelled[0])
		if used&bit != 0 || !ok || p.spelled[0] == "" {
			continue
		}
		if j.chain(after, used|bit, depth+1) {
			return true
		}
	}
	j.found = 0
	return false
}

// twoSounds finds two parts that together sound nearly as the word does.
func (j *joiner) twoSounds() {
	j.found, j.cost = 0, far
	for i, p := range j.parts {
		for k, q := range j.parts {
			if i == k || !j.plausible(p.token, q.token) {
				continue
			}
			if cost := j.apart(p.token, q.token); cost < j.cost {
				j.found, j.cost = 1<<i|1<<k, cost
			}
		}
	}
	most := 0.6 * mostDistance(j.whole.letters)
	if j.whole.script >= han {
		most = mostOfSyllables
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
	return nearness[p.sounds[0][0]&127][s[0]&127] <= 0.5 && nearness[q.sounds[0][len(q.sounds[0])-1]&127][s[len(s)-1]&127] <= 0.5
}

func (j *joiner) apart(p, q *token) float32 {
	cost := float32(far)
	for _, s := range j.whole.sounds {
		cost = min(cost, soundsApart(p.sounds[0]+q.sounds[0], s))
	}
	return cost + 0.15
}
