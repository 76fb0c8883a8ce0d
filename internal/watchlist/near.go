package watchlist

import (
	"cmp"
	"slices"
)

// entrance is a key under which something of an index is found.
type entrance struct {
	key uint32 // a hash: what is found is looked at again
	at  int32
}

// directory finds what was entered under a key. It is two arrays, for there are hundreds of thousands of entries.
type directory struct {
	entries []entrance // by key
	starts  []int32    // of the keys that begin with the same bits
	shift   uint8
}

func newDirectory(entries []entrance) directory {
	slices.SortFunc(entries, func(a, b entrance) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.at, b.at)) })
	entries = slices.Clip(slices.Compact(entries))
	d := directory{entries: entries, shift: 32}
	for d.shift > 8 && 1<<(32-d.shift) < len(entries) {
		d.shift--
	}
	d.starts = make([]int32, 1<<(32-d.shift)+1)
	at := 0
	for i := range d.starts {
		for at < len(entries) && uint64(entries[at].key)>>d.shift < uint64(i) {
			at++
		}
		d.starts[i] = int32(at)
	}
	return d
}

// under gives the entries of a key.
func (d *directory) under(key uint32) []entrance {
	bucket := uint64(key) >> d.shift
	all := d.entries[d.starts[bucket]:d.starts[bucket+1]]
	for len(all) > 0 && all[0].key < key {
		all = all[1:]
	}
	end := 0
	for end < len(all) && all[end].key == key {
		end++
	}
	return all[:end]
}

// hashOf is FNV-1a over a key's kind and its text.
func hashOf(kind byte, text string) uint32 { return hashOn(hashStart^uint32(kind), text) }

// hashWithout is hashOf a text that lacks the letter at a place.
func hashWithout(kind byte, text string, at int) uint32 {
	return hashOn(hashOn(hashStart^uint32(kind), text[:at]), text[at+1:])
}

const (
	hashStart = 2166136261
	hashPrime = 16777619
)

func hashOn(h uint32, text string) uint32 {
	for i := range len(text) {
		h = (h ^ uint32(text[i])) * hashPrime
	}
	return h
}

// The kinds of keys of a word.
const (
	soundKey    = 's' // the classes of its sounds, whole or with one left out: finds every word one sound away
	letterKey   = 'l' // its letters, whole or with one left out: finds every word one letter away
	skeletonKey = 'k' // its consonants
	abjadKey    = 'a' // its consonants, of words in a script that writes only those
	nicknameKey = 'n' // the name that it is a form of
)

// eachKey gives the keys under which a listed word is entered.
func eachKey(t *token, visit func(key uint32)) {
	for i, sound := range t.sounds {
		eachWithoutOne(soundKey, classesOf(sound), visit)
		eachWithoutOne(letterKey, t.spelled[i], visit)
		if skeleton := skeletonOf(sound); len(skeleton) > 1 {
			visit(hashOf(skeletonKey, skeleton))
			if t.script == abjad {
				visit(hashOf(abjadKey, skeleton))
			}
		}
	}
	for _, group := range t.nickname {
		visit(hashOf(nicknameKey, string(group)))
	}
}

// eachWithoutOne gives the key of a text and of what is left of it without each of its parts.
func eachWithoutOne(kind byte, text string, visit func(key uint32)) {
	const fewestToDrop = 3
	visit(hashOf(kind, text))
	if len(text) < fewestToDrop {
		return
	}
	for i := range len(text) {
		visit(hashWithout(kind, text, i))
	}
}

// eachQueryKey gives the keys under which listed words may stand that are near a word.
func eachQueryKey(t *token, visit func(key uint32)) {
	for i, sound := range t.sounds {
		eachWithoutOne(soundKey, classesOf(sound), visit)
		if t.script == latin || t.script == spoken {
			eachWithoutOne(letterKey, t.spelled[i], visit)
		}
		skeleton := skeletonOf(sound)
		switch {
		case len(skeleton) < 2:
		case t.script == abjad:
			visit(hashOf(skeletonKey, skeleton))
		default:
			visit(hashOf(abjadKey, skeleton))
		}
	}
	for _, group := range t.nickname {
		visit(hashOf(nicknameKey, string(group)))
	}
}
