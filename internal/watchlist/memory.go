package watchlist

import "sync/atomic"

// memory keeps what was found of texts, of some of them: a text has a few slots that it may be in, and when others are in all of them it
// takes one. Any number of goroutines may use it.
type memory[T any] []atomic.Pointer[remembered[T]]

// remembered is a text and what was found of it.
type remembered[T any] struct {
	text  string
	found T
}

// ways is how many slots a text may be in; a memory's size is a multiple of it.
const ways = 4

// recall gives what was found of a text, nil when it is not kept, and the slot to put it in then.
func recall[T any, K string | []byte](m memory[T], text K) (*T, *atomic.Pointer[remembered[T]]) {
	hash := uint32(hashStart)
	for i := range len(text) {
		hash = (hash ^ uint32(text[i])) * hashPrime
	}
	first := hash % uint32(len(m)/ways) * ways
	slots := m[first : first+ways]
	free := &slots[hash>>30]
	for i := range slots {
		switch kept := slots[i].Load(); {
		case kept == nil:
			free = &slots[i]
		case kept.text == string(text):
			return &kept.found, nil
		}
	}
	return nil, free
}
