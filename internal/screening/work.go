package screening

import (
	"regexp/syntax"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
)

// The work of a document is about how long its formulas take when every rule is asked of one item and hits, in units of some 50 ns, for the
// longest texts that a declaration may have. It is bounded, so that no set that is put in force can hold up screening.
const (
	mostWork    = 200_000 // of a document; a rule like the built-in ones is about 140
	mostPattern = 500     // parts of one pattern: a short text may write out a large one, "(.{1000})" has a thousand

	workOfFormula = 10
	workOfCall    = 20  // folding or copying a text
	workOfLookup  = 200 // of keywords, at every word of a text
	workOfPart    = 5   // of a pattern, at every letter of a text
	workOfSum     = 5   // putting texts together copies what is together already
)

// affordable sees, before anything compiles a formula, that it has no ranges, that its patterns are written out and not too large, and that the
// document has room for its work. What cannot be parsed is nothing to weigh; the compiler tells what is wrong with it.
func (c *compiler) affordable(part, text string) bool {
	if c.work > mostWork {
		return false // told already
	}
	tree, err := parser.Parse(text)
	if err != nil {
		return true
	}
	scale := &scale{checker: checker{text: text}, work: workOfFormula}
	ast.Walk(&tree.Node, scale)
	c.add(part, scale.flaws)
	if c.work += scale.work; c.work > mostWork {
		c.flaw(part, "up to here the document's formulas are more work than is taken for one parcel: fewer or shorter ones, smaller patterns")
		return false
	}
	return len(scale.flaws) == 0
}

// scale weighs one formula.
type scale struct {
	checker
	work int
	sums int // so far
}

// Visit weighs one node; it is called for each.
func (k *scale) Visit(node *ast.Node) {
	k.work++
	switch n := (*node).(type) {
	case *ast.BinaryNode:
		switch n.Operator {
		case "+":
			k.sums++
			k.work += workOfSum * k.sums
		case "matches":
			k.pattern(n.Right)
		case "..": // the compiler would write it out
			k.flaw(n, "ranges are not taken; compare with >= and <=")
		}
	case *ast.BuiltinNode:
		k.work += workOfCall
	case *ast.CallNode:
		k.work += workOfCall
		if name, ok := n.Callee.(*ast.IdentifierNode); ok && name.Value == fnMentions {
			k.work += workOfLookup
		}
	}
}

func (k *scale) pattern(n ast.Node) {
	text, ok := n.(*ast.StringNode)
	if !ok {
		k.flaw(n, "a pattern must be written out")
		return
	}
	tree, err := syntax.Parse(text.Value, syntax.Perl)
	if err != nil {
		return // the compiler tells it, and where
	}
	size := sizeOf(tree)
	if k.work += workOfPart * size; size > mostPattern {
		k.flaw(n, "the pattern has %d parts with repetitions written out; %d are taken", size, mostPattern)
	}
}

// sizeOf counts the parts of a pattern, those that are repeated a counted number of times as often.
func sizeOf(re *syntax.Regexp) int {
	size := 1 + len(re.Rune)
	for _, sub := range re.Sub {
		size += sizeOf(sub)
	}
	if re.Op == syntax.OpRepeat {
		size *= max(re.Min, re.Max, 1)
	}
	return size
}
