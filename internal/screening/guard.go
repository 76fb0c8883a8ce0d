package screening

import (
	"cmp"
	"reflect"

	"github.com/expr-lang/expr/ast"
)

// guard tells of a condition, without the machine, whether it may hold. Where it says no, the machine would say no, and come upon no
// error on the way. It knows facts, comparisons of facts and numbers or texts, "in", "and", "or" and "not"; most conditions are made of
// nothing else, and nearly all say no of nearly all parcels.
type guard func(*Facts) bool

// guardOf gives the guard of a condition that compiles, nil where it is of no use. exact tells that the guard also says yes only where the
// machine would.
func guardOf(node ast.Node) (g guard, exact bool) {
	switch n := node.(type) {
	case *ast.IdentifierNode:
		if at, ok := fields[n.Value]; ok && at.kind == reflect.Bool {
			return func(f *Facts) bool { return at.of(f).Bool() }, true
		}
	case *ast.UnaryNode:
		if inner, exact := guardOf(n.Node); exact && (n.Operator == "not" || n.Operator == "!") {
			return func(f *Facts) bool { return !inner(f) }, true
		}
	case *ast.BinaryNode:
		return guardOfBinary(n)
	}
	return nil, false
}

func guardOfBinary(n *ast.BinaryNode) (g guard, exact bool) {
	switch n.Operator {
	case "and", "&&", "or", "||":
		return guardOfBoth(n)
	case "in":
		if at, ok := fieldOf(n.Left); ok && at.kind == reflect.String {
			if values := texts(n.Right); values != nil {
				return func(f *Facts) bool { return values[at.of(f).String()] }, true
			}
		}
		return nil, false
	}
	g = guardOfComparison(n)
	return g, g != nil
}

// guardOfBoth takes "and" and "or". What stands on the right is worked out only where the left leaves it open, as the machine does.
func guardOfBoth(n *ast.BinaryNode) (g guard, exact bool) {
	left, leftExact := guardOf(n.Left)
	right, rightExact := guardOf(n.Right)
	switch and := n.Operator == "and" || n.Operator == "&&"; {
	case left == nil, !and && right == nil:
		return nil, false
	case and && (right == nil || !leftExact): // the right may be an error where the left holds
		return left, false
	case and:
		return func(f *Facts) bool { return left(f) && right(f) }, rightExact
	}
	return func(f *Facts) bool { return left(f) || right(f) }, leftExact && rightExact
}

// guardOfComparison takes a text that is compared with another, or a number with another.
func guardOfComparison(n *ast.BinaryNode) guard {
	if left, ok := textOf(n.Left); ok {
		if right, ok := textOf(n.Right); ok {
			return compared(n.Operator, left, right)
		}
	}
	if left, ok := numberOf(n.Left); ok {
		if right, ok := numberOf(n.Right); ok {
			return compared(n.Operator, left, right)
		}
	}
	return nil
}

func compared[T cmp.Ordered](operator string, left, right func(*Facts) T) guard {
	switch operator {
	case "==":
		return func(f *Facts) bool { return left(f) == right(f) }
	case "!=":
		return func(f *Facts) bool { return left(f) != right(f) }
	case "<":
		return func(f *Facts) bool { return left(f) < right(f) }
	case "<=":
		return func(f *Facts) bool { return left(f) <= right(f) }
	case ">":
		return func(f *Facts) bool { return left(f) > right(f) }
	case ">=":
		return func(f *Facts) bool { return left(f) >= right(f) }
	}
	return nil
}

func textOf(node ast.Node) (value func(*Facts) string, ok bool) {
	if n, is := node.(*ast.StringNode); is {
		return func(*Facts) string { return n.Value }, true
	}
	at, ok := fieldOf(node)
	return func(f *Facts) string { return at.of(f).String() }, ok && at.kind == reflect.String
}

// numberOf gives a number, whole ones too: those of facts are far below the 2^53 from which on floating point leaves some out.
func numberOf(node ast.Node) (value func(*Facts) float64, ok bool) {
	switch n := node.(type) {
	case *ast.IntegerNode:
		return func(*Facts) float64 { return float64(n.Value) }, true
	case *ast.FloatNode:
		return func(*Facts) float64 { return n.Value }, true
	}
	at, ok := fieldOf(node)
	if at.kind == reflect.Int {
		return func(f *Facts) float64 { return float64(at.of(f).Int()) }, ok
	}
	return func(f *Facts) float64 { return at.of(f).Float() }, ok && at.kind == reflect.Float64
}

// field is where a fact stands.
type field struct {
	place int
	kind  reflect.Kind
}

func (at field) of(f *Facts) reflect.Value { return reflect.ValueOf(f).Elem().Field(at.place) }

var fields = fieldsOf(reflect.TypeFor[Facts]())

func fieldsOf(facts reflect.Type) map[string]field {
	all := map[string]field{}
	for i := range facts.NumField() {
		f := facts.Field(i)
		all[f.Tag.Get("expr")] = field{i, f.Type.Kind()}
	}
	return all
}

func fieldOf(node ast.Node) (field, bool) {
	n, ok := node.(*ast.IdentifierNode)
	if !ok {
		return field{}, false
	}
	at, ok := fields[n.Value]
	return at, ok
}
