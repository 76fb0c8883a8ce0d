package screening

import (
	"github.com/expr-lang/expr/ast"
)

// index finds the rules that may hit without asking all of them: a rule whose condition demands that a fact has one of some
// values is asked only where it has. So hundreds of rules for one heading or destination each cost what a few do.
type index struct {
	always []*rule
	by     [len(indexed)]map[string][]*rule
}

// indexed are the facts that rules are found by, those that tell most first.
var indexed = [...]string{"kind", "list", "heading", "chapter", "battery", "destination", "party", "currency", "mode"}

func newIndex() *index { return &index{} }

func (x *index) add(r *rule) {
	for i, fact := range indexed {
		values := demanded(r.when.root, fact)
		if values == nil {
			continue
		}
		if x.by[i] == nil {
			x.by[i] = map[string][]*rule{}
		}
		for value := range values {
			x.by[i][value] = append(x.by[i][value], r)
		}
		return
	}
	x.always = append(x.always, r)
}

// among calls ask for each rule that may hit.
func (x *index) among(f *Facts, ask func(*rule)) {
	if x == nil {
		return
	}
	for _, r := range x.always {
		ask(r)
	}
	for i := range x.by {
		if x.by[i] == nil {
			continue
		}
		for _, r := range x.by[i][f.indexed(i)] {
			ask(r)
		}
	}
}

// indexed gives the fact indexed[i].
func (f *Facts) indexed(i int) string {
	switch indexed[i] {
	case "kind":
		return f.Kind
	case "list":
		return f.List
	case "heading":
		return f.Heading
	case "chapter":
		return f.Chapter
	case "battery":
		return f.Battery
	case "destination":
		return f.Destination
	case "party":
		return f.Party
	case "currency":
		return f.Currency
	}
	return f.Mode
}

// demanded gives the values of which a fact must have one for the condition to hold; nil when the condition does not say. What stands
// behind something that may be an error does not count: a parcel that a rule cannot be worked out for is looked at, whatever its facts.
func demanded(node ast.Node, fact string) map[string]bool {
	n, ok := node.(*ast.BinaryNode)
	if !ok {
		return nil
	}
	switch n.Operator {
	case "and", "&&":
		if values := demanded(n.Left, fact); values != nil {
			return values
		}
		if _, exact := guardOf(n.Left); exact { // so it is no error
			return demanded(n.Right, fact)
		}
	case "==":
		if isFact(n.Left, fact) {
			return oneText(n.Right)
		}
		if isFact(n.Right, fact) {
			return oneText(n.Left)
		}
	case "in":
		if isFact(n.Left, fact) {
			return texts(n.Right)
		}
	}
	return nil
}

func isFact(n ast.Node, fact string) bool {
	id, ok := n.(*ast.IdentifierNode)
	return ok && id.Value == fact
}

func oneText(n ast.Node) map[string]bool {
	text, ok := n.(*ast.StringNode)
	if !ok {
		return nil
	}
	return map[string]bool{text.Value: true}
}

func texts(n ast.Node) map[string]bool {
	array, ok := n.(*ast.ArrayNode)
	if !ok {
		return nil
	}
	all := map[string]bool{}
	for _, element := range array.Nodes {
		text, ok := element.(*ast.StringNode)
		if !ok {
			return nil
		}
		all[text.Value] = true
	}
	return all
}
