package goods

import "slices"

// trie holds byte strings as a double array: node n goes on byte c to cell n.base+c, if that cell is n's. Following a byte costs one look,
// and thousands of phrases fit a few hundred kilobytes. It is built once and then only read.
type trie struct{ cells []cell }

// cell is a node. Of what ends at it, guards is what watches over the goods and ware what they are called, as numbers from 1.
type cell struct {
	base, parent int32
	guard, ware  int32
	stem         int32 // the node behind a stem that ends here, 0 when none does
	ends         bool  // anything of these
}

const root = int32(0)

// step gives the node that a byte leads to, 0 when none.
func (t *trie) step(node int32, c byte) int32 {
	next := t.cells[node].base + int32(c)
	if int(next) < len(t.cells) && t.cells[next].parent == node {
		return next
	}
	return 0
}

// stemMark ends a stem within a phrase. No folded text holds it.
const stemMark = 1

// sprout is a node of the plain trie that the double array is packed from: its first child and its next sibling, 0 for none.
type sprout struct {
	first, next int32
	guard, ware int32
	key         byte
}

// sprouts are the nodes of a plain trie, the top first.
type sprouts []sprout

// grow gives the node at the end of a path, which it makes where it is missing.
func (s *sprouts) grow(path []byte) *sprout {
	node := int32(0)
	for _, c := range path {
		child := (*s)[node].first
		for child != 0 && (*s)[child].key != c {
			child = (*s)[child].next
		}
		if child == 0 {
			child = int32(len(*s))
			*s = append(*s, sprout{key: c, next: (*s)[node].first})
			(*s)[node].first = child
		}
		node = child
	}
	return &(*s)[node]
}

// pack lays a plain trie out. Nodes are placed breadth first, each into the first gap that takes all its children.
func pack(plain sprouts) *trie {
	p := &packer{cells: []cell{{parent: -1}}, first: 256} // below the largest byte not every node could be placed
	type placed struct{ node, at int32 }
	var keys []byte
	for queue := []placed{{0, root}}; len(queue) > 0; queue = queue[1:] {
		node, at := &plain[queue[0].node], queue[0].at
		keys = keys[:0]
		for child := node.first; child != 0; child = plain[child].next {
			keys = append(keys, plain[child].key)
		}
		base := p.gap(keys)
		here := cell{base: base, parent: p.cells[at].parent, guard: node.guard, ware: node.ware}
		for child := node.first; child != 0; child = plain[child].next {
			to := base + int32(plain[child].key)
			p.cells[to].parent = at
			queue = append(queue, placed{child, to})
			if plain[child].key == stemMark {
				here.stem = to
			}
		}
		here.ends = here.guard|here.ware|here.stem != 0
		p.cells[at] = here
	}
	return &trie{p.cells}
}

// packer finds room. Free cells have parent -1. Those before first are taken; nodes of several children look from wide on, where gaps are
// large, and leave the small ones to nodes of one child.
type packer struct {
	cells       []cell
	first, wide int
}

func (p *packer) gap(keys []byte) int32 {
	if len(keys) == 0 {
		return 0
	}
	for p.first < len(p.cells) && p.cells[p.first].parent >= 0 {
		p.first++
	}
	from := p.first
	if len(keys) > 1 {
		from = max(from, p.wide)
	}
	least, most := slices.Min(keys), slices.Max(keys)
	for at := from; ; at++ {
		base := at - int(least)
		p.reach(base + int(most))
		if slices.ContainsFunc(keys, func(c byte) bool { return p.cells[base+int(c)].parent >= 0 }) {
			continue
		}
		if len(keys) > 1 && at > p.wide+farEnough {
			p.wide = at
		}
		return int32(base)
	}
}

// farEnough is how many cells without a gap it takes to give up on those before.
const farEnough = 64

// reach makes cells up to one.
func (p *packer) reach(last int) {
	for len(p.cells) <= last {
		p.cells = append(p.cells, cell{parent: -1})
	}
}
