package watchlist

import (
	"cmp"
	"slices"
	"strings"
)

const (
	rememberedWords = 1 << 16 // words of queries whose similar listed words are kept
	rememberedNames = 1 << 15 // names that are kept as near none
	longRemembered  = 100     // bytes of such a name at the most
	mostSimilar     = 400     // listed words that one may be taken for, the nearest ones
	mostCandidates  = 3000    // entries that are looked at for one query of usual length
	usualWords      = 8       // of a longer name each entry costs more, and fewer are looked at
	mostMatches     = 8
)

// known is a word of a query with the listed words that it may be taken for.
type known struct {
	*token
	similar []similar
	bits    float32 // the most that any of them tells
	entries int32   // that have one of them
}

// mark is what a listed word is to a query.
type mark struct {
	worth  float32 // the bits that it then tells
	change float32 // the least that makes it a word of the query
}

// encounter is where a listed word's meeting with the query stands.
type encounter struct {
	round uint32
	at    int32
}

type similar struct {
	token int32
	cost  float32
}

// search is the room that one query is answered in.
type search struct {
	x      *Index
	make   maker
	query  Query
	folded []byte // its name
	room   []piece
	words  []*known // of the query, in its order
	script script   // that its last word is written in

	round      uint32
	seen       []uint32 // by entry: the round in which it became a candidate
	tested     []uint32 // by entry: the round in which it was looked at
	marks      []mark   // by token
	marked     []uint64 // a bit for each token: it has a mark of this round
	candidates []int32
	most       int // candidates
	order      []*known
	listed     []piece
	encounters []encounter // by token
	meetings   []meeting   // of this round
	distances  []distance  // of the meetings
	met        []*meeting  // of the listed pieces
	alignment  alignment
	hits       []hit
}

type hit struct {
	entry int32
	score float64
}

func (x *Index) borrow() *search {
	if s, ok := x.scratch.Get().(*search); ok {
		return s
	}
	s := &search{
		x: x, seen: make([]uint32, len(x.entries)), tested: make([]uint32, len(x.entries)),
		marks: make([]mark, len(x.tokens)), marked: make([]uint64, len(x.tokens)/64+1), encounters: make([]encounter, len(x.tokens)),
	}
	s.make = func(word []byte) *token {
		k := x.know(word)
		s.words = append(s.words, k)
		return k.token
	}
	return s
}

// Match appends to dst the listed parties whose names are near the query's: Score at least Threshold, best first, one match a party, no more
// than eight. A word of the query counts by how rare it is: common names and the words of all companies make no hit unless the whole name is equal.
//
// Sellers come again and again, and so do some consignees; a name that is near none is kept for them, where nothing but the name is asked.
func (x *Index) Match(q Query, dst []Match) []Match {
	if (q != Query{Name: q.Name}) || len(q.Name) > longRemembered {
		return x.search(q, dst)
	}
	strange, free := recall(x.strange, q.Name)
	if strange != nil {
		return dst
	}
	found := x.search(q, dst)
	if len(found) == len(dst) {
		free.Store(&remembered[struct{}]{text: strings.Clone(q.Name)})
	}
	return found
}

func (x *Index) search(q Query, dst []Match) []Match {
	s := x.borrow()
	defer x.scratch.Put(s)
	s.begin(q)
	s.folded = AppendFolded(s.folded[:0], beginningOf(q.Name))
	n := splitFolded(s.folded, s.room[:0], s.make)
	s.room = n.pieces
	s.gather()
	for _, entry := range s.candidates {
		if score := s.assess(entry); score >= Threshold {
			s.hits = append(s.hits, hit{entry, score})
		}
	}
	return s.report(dst)
}

func (s *search) begin(q Query) {
	s.query = q
	for _, k := range s.words {
		for _, w := range k.similar {
			s.marked[w.token/64] = 0
		}
	}
	s.query.Country = countryCode(q.Country)
	s.words, s.candidates, s.hits = s.words[:0], s.candidates[:0], s.hits[:0]
	s.meetings, s.distances = s.meetings[:0], s.distances[:0]
	if s.round++; s.round == 0 { // the counter has gone round: what it marked before is gone too
		clear(s.seen)
		clear(s.tested)
		clear(s.encounters)
		s.round = 1
	}
}

// gather finds the entries that may be near enough. The words that tell most are followed, until the others together could not tell enough.
func (s *search) gather() {
	x := s.x
	s.most = mostCandidates * usualWords / max(usualWords, len(s.room))
	var room [keyRoom]byte
	for _, entry := range x.same[string(ownWords(room[:0], s.room))] {
		s.propose(entry)
	}
	s.order = s.order[:0]
	left, whole := float32(0), true
	s.script = latin
	for i, k := range s.words {
		s.script = k.script
		if s.room[i].class == ordinary && !k.initial() {
			s.order = append(s.order, k)
			left += k.bits
			whole = whole && len(k.similar) > 0
		}
		s.mark(k)
	}
	if whole && len(s.order) > 0 { // an entry that has all words has the one that fewest have
		s.follow(slices.MinFunc(s.order, func(a, b *known) int { return cmp.Or(cmp.Compare(a.entries, b.entries), cmp.Compare(a.text, b.text)) }))
	}
	slices.SortFunc(s.order, func(a, b *known) int { return cmp.Or(cmp.Compare(b.bits, a.bits), cmp.Compare(a.text, b.text)) })
	for _, k := range s.order {
		if left < leastInPart {
			break
		}
		s.follow(k)
		left -= k.bits
	}
	s.gatherJoined()
}

// follow proposes the entries that have a word of the query and promise enough.
func (s *search) follow(k *known) {
	x := s.x
	for _, w := range k.similar {
		for _, entry := range x.postings[x.posted[w.token]:x.posted[w.token+1]] {
			if s.promises(entry) {
				s.propose(entry)
			}
		}
	}
}

// mark notes what the words that a query's word may be taken for tell.
func (s *search) mark(k *known) {
	for _, w := range k.similar {
		m, bit := &s.marks[w.token], uint64(1)<<(w.token%64)
		if s.marked[w.token/64]&bit == 0 {
			s.marked[w.token/64] |= bit
			*m = mark{0, far}
		}
		m.worth, m.change = max(m.worth, s.x.bits[w.token]-bitsPerChange*w.cost), min(m.change, w.cost)
	}
}

// promises tells whether an entry's words may together tell enough: some where all words match, more where some are missing or where
// the scripts differ.
func (s *search) promises(entry int32) bool {
	if s.tested[entry] == s.round {
		return false
	}
	s.tested[entry] = s.round
	sum, change, matched, missing, least := float32(0), float32(0), 0, 0, float32(leastBits)
	for _, p := range s.x.wordsOf(entry) {
		switch {
		case s.marked[p.token/64]&(1<<(p.token%64)) != 0:
			m := &s.marks[p.token]
			sum += m.worth
			change += m.change
			if p.class == ordinary {
				matched++
			}
		case p.counts:
			missing++
		}
	}
	switch {
	case matched < len(s.order):
		least = leastInPart
	case missing > 0 && s.x.entries[entry].Kind != Individual:
		return false
	case missing > 0:
		least = needBits + needIfShort - 1
	}
	if change > slip {
		least += needIfFar
	}
	if sum < least || s.script < abjad || sum >= least+needAbjad {
		return sum >= least
	}
	return s.x.tokens[s.x.wordsOf(entry)[0].token].script == s.script
}

func (s *search) propose(entry int32) {
	if s.seen[entry] != s.round && len(s.candidates) < s.most {
		s.seen[entry] = s.round
		s.candidates = append(s.candidates, entry)
	}
}

// gatherJoined finds entries that have two of the query's words as one, or one as two. Without vowels too many words look like two others.
func (s *search) gatherJoined() {
	x := s.x
	if s.script == abjad {
		return
	}
	for i, k := range s.words {
		if k.letters >= fewestToSplit {
			for _, e := range x.joined.under(hashOf(joinKey, classesOf(k.sounds[0]))) {
				s.propose(e.at)
			}
		}
		if i > 0 {
			s.followJoined(s.words[i-1].sounds[0] + k.sounds[0])
		}
	}
	if len(s.words) > 2 && len(s.words) <= mostParts {
		all := ""
		for _, k := range s.words {
			all += k.sounds[0]
		}
		s.followJoined(all)
	}
}

func (s *search) followJoined(sound string) {
	x := s.x
	classes := classesOf(sound)
	for _, e := range x.near.under(hashOf(soundKey, classes)) {
		if x.tokens[e.at].family() != classes {
			continue
		}
		for _, entry := range x.postings[x.posted[e.at]:x.posted[e.at+1]] {
			s.propose(entry)
		}
	}
	for _, e := range x.joined.under(hashOf(joinKey, classes)) {
		s.propose(e.at)
	}
}

const (
	joinKey       = 'j'
	fewestToSplit = 5
)

// eachJoin gives the keys under which a name is found whose words are written together, two neighbours or all.
func eachJoin(sounds []string, visit func(key uint32)) {
	all := ""
	for i, sound := range sounds {
		if all += sound; i > 0 {
			visit(hashOf(joinKey, classesOf(sounds[i-1]+sound)))
		}
	}
	if len(sounds) > 2 && len(sounds) <= mostParts {
		visit(hashOf(joinKey, classesOf(all)))
	}
}

// know gives a query's word with its similar ones, from memory where it is there.
func (x *Index) know(word []byte) *known {
	k, free := recall(x.words, word)
	if k == nil {
		kept := &remembered[known]{text: string(word)}
		kept.found = x.learn(kept.text)
		free.Store(kept)
		k = &kept.found
	}
	return k
}

// learn finds the listed words that a word may be taken for.
func (x *Index) learn(word string) known {
	k := known{token: x.tokenOf(word)}
	var room [256]int32
	tokens := room[:0]
	if at, ok := x.ids[word]; ok {
		tokens = append(tokens, at)
	}
	eachQueryKey(k.token, func(key uint32) {
		for _, e := range x.near.under(key) {
			tokens = append(tokens, e.at)
		}
	})
	slices.Sort(tokens)
	for _, at := range slices.Compact(tokens) {
		if cost, _ := wordDistance(k.token, x.tokens[at]); cost < far {
			k.similar = append(k.similar, similar{at, cost})
			k.bits = max(k.bits, x.bits[at]-bitsPerChange*cost)
			k.entries += x.posted[at+1] - x.posted[at]
		}
	}
	slices.SortFunc(k.similar, func(a, b similar) int { return cmp.Or(cmp.Compare(a.cost, b.cost), cmp.Compare(a.token, b.token)) })
	k.similar = slices.Clip(k.similar[:min(len(k.similar), mostSimilar)])
	return k
}

func (x *Index) tokenOf(word string) *token {
	if at, ok := x.ids[word]; ok {
		return x.tokens[at]
	}
	return newToken(word)
}
