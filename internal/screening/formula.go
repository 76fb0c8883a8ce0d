package screening

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"
)

// formula is a compiled formula. What it may say is bounded so that no draft can cost a judge more than mostNodes steps: there is
// no clock, no input or output, no loop, no text pattern that is not written out, and no division by what may be zero.
type formula struct {
	program *vm.Program
	root    ast.Node // as written, before it is optimised
}

// builtins of expr that formulas may use.
var builtins = []string{"len", "lower", "upper", "trim", "hasPrefix", "hasSuffix", "abs", "min", "max", "round", "floor", "ceil", "int", "float", "string"}

func (c *compiler) condition(part, text string, each Each) *formula {
	return c.compile(part, text, each, expr.AsBool())
}

func (c *compiler) formula(part, text string, each Each) *formula {
	if part == "score" {
		return c.compile(part, text, each, expr.AsFloat64())
	}
	return c.compile(part, text, each)
}

// optional compiles a formula that may be left out.
func (c *compiler) optional(part, text string, each Each) *formula {
	if text == "" {
		return nil
	}
	return c.formula(part, text, each)
}

func (c *compiler) compile(part, text string, each Each, as ...expr.Option) *formula {
	if len(text) > mostFormula {
		c.flaw(part, "%d bytes; %d are taken", len(text), mostFormula)
		return nil
	}
	if strings.TrimSpace(text) == "" {
		c.flaw(part, "it is needed")
		return nil
	}
	if !c.affordable(part, text) {
		return nil
	}
	options := append([]expr.Option{expr.Env(Facts{}), expr.MaxNodes(mostNodes), expr.DisableAllBuiltins()}, as...)
	for _, name := range builtins {
		options = append(options, expr.EnableBuiltin(name))
	}
	program, err := expr.Compile(text, append(options, c.functions()...)...)
	if err != nil {
		c.at(part, err)
		return nil
	}
	tree, err := parser.Parse(text)
	if err != nil {
		c.at(part, err)
		return nil
	}
	check := &checker{each: each, named: c.named, text: text, uses: map[string]bool{}}
	ast.Walk(&tree.Node, check)
	maps.Copy(c.uses, check.uses)
	if part == "when" {
		maps.Copy(c.asks, check.uses)
	}
	c.add(part, check.flaws)
	return &formula{program, tree.Node}
}

// add notes what a look at a formula has found.
func (c *compiler) add(part string, flaws FlawsError) {
	for _, f := range flaws {
		f.Rule, f.Part = c.rule, part
		c.flaws = append(c.flaws, f)
	}
}

// at notes what expr says of a formula, with its place.
func (c *compiler) at(part string, err error) {
	f := Flaw{Rule: c.rule, Part: part, Line: 1, Column: 1, Message: err.Error()}
	if at, ok := errors.AsType[*file.Error](err); ok {
		f.Line, f.Column, f.Message = max(at.Line, 1), at.Column+1, at.Message
	}
	c.flaws = append(c.flaws, f)
}

// checker looks for what compiles and may not be said.
type checker struct {
	each  Each
	named *NamedLists
	text  string
	uses  map[string]bool
	flaws FlawsError
}

// wholeEnvironment is expr's name for all facts together, past what the checker knows them by.
const wholeEnvironment = "$env"

// Visit looks at one node; it is called for each.
func (k *checker) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		k.uses[n.Value] = true
		if n.Value == wholeEnvironment {
			k.flaw(n, "facts are named by themselves")
		}
		if of, known := scopes[n.Value]; known && !k.each.sees(of) {
			k.flaw(n, "%s is known of each %s, and this rule is asked of each %s", n.Value, of, k.each)
		}
	case *ast.StringNode:
		if !storable(n.Value) {
			k.flaw(n, unstorable)
		}
	case *ast.BinaryNode:
		k.binary(n)
	case *ast.CallNode:
		k.call(n)
	case *ast.PredicateNode, *ast.MapNode:
		k.flaw(n, "loops and maps are not taken")
	}
}

func (k *checker) binary(n *ast.BinaryNode) {
	if (n.Operator == "/" || n.Operator == "%") && !constantNumber(n.Right) {
		k.flaw(n.Right, "only a number that is not zero may stand below %s; ratio(a, b) divides anything, by zero gives 0", n.Operator)
	}
}

func constantNumber(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.IntegerNode:
		return n.Value != 0
	case *ast.FloatNode:
		return n.Value != 0
	}
	return false
}

// call sees that a list that is asked is there and of the kind that is asked.
func (k *checker) call(n *ast.CallNode) {
	callee, ok := n.Callee.(*ast.IdentifierNode)
	if !ok || !slices.Contains([]string{fnListed, fnMentions}, callee.Value) || len(n.Arguments) == 0 {
		return
	}
	name, ok := n.Arguments[0].(*ast.StringNode)
	if !ok {
		k.flaw(n.Arguments[0], "the name of a list must be written out")
		return
	}
	list, ok := k.named.list(name.Value)
	switch keywords := callee.Value == fnMentions; {
	case !ok:
		k.flaw(name, "there is no list %q", name.Value)
	case keywords != (list.Kind == Keywords):
		k.flaw(name, "list %q is one of %s: %s asks those of keywords, %s the others", name.Value, list.Kind, fnMentions, fnListed)
	}
}

func (k *checker) flaw(at ast.Node, format string, args ...any) {
	line, column := 1, 1
	for i, r := range []rune(k.text) {
		if i == at.Location().From {
			break
		}
		column++
		if r == '\n' {
			line, column = line+1, 1
		}
	}
	k.flaws = append(k.flaws, Flaw{Line: line, Column: column, Message: fmt.Sprintf(format, args...)})
}

// machine runs formulas, one after another. It belongs to one goroutine.
type machine struct{ vm.VM }

// memory bounds what one formula may build; a text of some kilobytes is the most that any needs.
const memory = 10_000

func newMachine() *machine { return &machine{vm.VM{MemoryBudget: memory}} }

// facts are boxed: a formula takes an any.
func (m *machine) run(f *formula, facts any) (any, error) { return m.Run(f.program, facts) }

func (m *machine) holds(f *formula, facts any) (bool, error) {
	out, err := m.run(f, facts)
	if err != nil {
		return false, err
	}
	return out.(bool), nil
}

func (m *machine) number(f *formula, facts any) float64 {
	out, err := m.run(f, facts)
	if err != nil {
		return 0
	}
	n, _ := out.(float64)
	if math.IsNaN(n) { // float("NaN") is one; JSON has no way to write it, so the verdict could not be stored
		return 0
	}
	return min(max(n, 0), 1)
}

func (m *machine) text(f *formula, facts any) string {
	if f == nil {
		return ""
	}
	out, err := m.run(f, facts)
	if err != nil {
		return ""
	}
	return strings.ReplaceAll(shown(out), "\x00", "\uFFFD") // a database refuses it, and with it the parcel
}
