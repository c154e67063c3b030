package judge

import "go.starlark.net/syntax"

// Names of the built-ins that rewriting inserts. No program can spell them.
const (
	iterName   = "@iter"
	methodName = "@method."
)

// rewrite gives a parsed program Python's meaning where the interpreter offers
// no hook: loops take their iterable from @iter, which knows strings, and the
// list methods Starlark lacks become calls of @method.<name>.
func rewrite(f *syntax.File) error {
	var err error
	syntax.Walk(f, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.LoadStmt:
			err = errLoad
		case *syntax.ForStmt:
			n.X = call(iterName, n.X)
		case *syntax.ForClause:
			n.X = call(iterName, n.X)
		case *syntax.CallExpr:
			if dot, ok := n.Fn.(*syntax.DotExpr); ok && listMethods[dot.Name.Name] != nil {
				n.Fn = &syntax.Ident{NamePos: dot.NamePos, Name: methodName + dot.Name.Name}
				n.Args = append([]syntax.Expr{dot.X}, n.Args...)
			}
		}
		return err == nil
	})
	return err
}

func call(name string, x syntax.Expr) syntax.Expr {
	start, end := x.Span()
	return &syntax.CallExpr{
		Fn:     &syntax.Ident{NamePos: start, Name: name},
		Lparen: start,
		Args:   []syntax.Expr{x},
		Rparen: end,
	}
}
