package watchlist

import "strings"

// meeting is what a word of one name is to the words of another. Their places are bits. The names on a list share words, those of companies
// most of all; what is worked out once for a word and a query holds for all names that have the word.
type meeting struct {
	distances    []distance // to each of them
	near         uint32     // those that it may be taken for
	opens        uint32     // those whose spelling its own begins
	begins, ends uint32     // those whose sound may begin, or end, with its own
	parts        uint32     // those that it is written as, together; none where it is not
	cost         float32    // of that
}

// distance is how far apart two words are, as by wordDistance.
type distance struct {
	cost float32
	how  How
}

// meet gives what a word is to others. Their distances stand in room.
func meet(t *token, others []piece, room []distance) (meeting, []distance) {
	var m meeting
	first := len(room)
	for i := range others {
		cost, how := wordDistance(others[i].token, t)
		room = append(room, distance{cost, how})
		m.note(uint32(1)<<i, t, others[i].token, cost < far)
	}
	m.distances = room[first:len(room):len(room)]
	if len(others) > 1 {
		m.parts, m.cost = partsOf(t, others, anywhere, m.begins, m.ends)
	}
	return m, room
}

// note notes what a word is to one other.
func (m *meeting) note(bit uint32, t, other *token, near bool) {
	if near {
		m.near |= bit
	}
	if t.spelled[0] != "" && strings.HasPrefix(other.spelled[0], t.spelled[0]) {
		m.opens |= bit
	}
	sound, whole := t.sounds[0], other.sounds[0]
	if sound == "" || whole == "" {
		return
	}
	if taken(sound[0], whole[0]) {
		m.begins |= bit
	}
	if taken(sound[len(sound)-1], whole[len(whole)-1]) {
		m.ends |= bit
	}
}

// taken tells whether a sound at the edge of a word may be taken for another.
func taken(a, b byte) bool { return nearness[a&127][b&127] <= 0.5 }
