package judge

import "go.starlark.net/syntax"

// Names of the built-ins that rewriting inserts, besides those of operators.
// No program can spell them.
const (
	iterName   = "@iter"
	methodName = "@method."
)

// rewrite gives a parsed program Python's meaning where the interpreter offers
// no hook: loops take their iterable from @iter, which knows strings; list
// methods that Starlark lacks become calls of @method.<name>; and +, - and *
// become calls that know bools and look at sizes first.
func rewrite(f *syntax.File) error { return rewriteStmts(f.Stmts) }

func rewriteStmts(stmts []syntax.Stmt) error {
	for _, s := range stmts {
		if err := rewriteStmt(s); err != nil {
			return err
		}
	}
	return nil
}

func rewriteStmt(s syntax.Stmt) error {
	switch s := s.(type) {
	case *syntax.LoadStmt:
		return errLoad
	case *syntax.AssignStmt:
		rewriteAssign(s)
	case *syntax.ExprStmt:
		s.X = rewriteExpr(s.X)
	case *syntax.ReturnStmt:
		s.Result = rewriteExpr(s.Result)
	case *syntax.DefStmt:
		rewriteAll(s.Params)
		return rewriteStmts(s.Body)
	case *syntax.ForStmt:
		s.Vars = rewriteExpr(s.Vars)
		s.X = call(iterName, syntax.Start(s.X), rewriteExpr(s.X))
		return rewriteStmts(s.Body)
	case *syntax.WhileStmt:
		s.Cond = rewriteExpr(s.Cond)
		return rewriteStmts(s.Body)
	case *syntax.IfStmt:
		s.Cond = rewriteExpr(s.Cond)
		if err := rewriteStmts(s.True); err != nil {
			return err
		}
		return rewriteStmts(s.False)
	}
	return nil
}

// rewriteAssign turns x += y into x = @iadd(x, y). Other targets than a name
// keep their operator, for they would be evaluated twice.
func rewriteAssign(s *syntax.AssignStmt) {
	s.LHS, s.RHS = rewriteExpr(s.LHS), rewriteExpr(s.RHS)
	name, ok := s.LHS.(*syntax.Ident)
	if !ok {
		return
	}
	fn, ok := map[syntax.Token]string{
		syntax.PLUS_EQ: inAddName, syntax.MINUS_EQ: subName, syntax.STAR_EQ: inMulName,
	}[s.Op]
	if !ok {
		return
	}
	old := &syntax.Ident{NamePos: name.NamePos, Name: name.Name}
	s.Op, s.RHS = syntax.EQ, call(fn, s.OpPos, old, s.RHS)
}

func rewriteAll(list []syntax.Expr) {
	for i, e := range list {
		list[i] = rewriteExpr(e)
	}
}

// rewriteExpr returns what stands in place of e; nil stays nil.
func rewriteExpr(e syntax.Expr) syntax.Expr {
	switch e := e.(type) {
	case *syntax.BinaryExpr:
		// Also name=value of an argument or parameter, whose X is a name.
		e.X, e.Y = rewriteExpr(e.X), rewriteExpr(e.Y)
		switch e.Op {
		case syntax.PLUS:
			return call(addName, e.OpPos, e.X, e.Y)
		case syntax.MINUS:
			return call(subName, e.OpPos, e.X, e.Y)
		case syntax.STAR:
			return call(mulName, e.OpPos, e.X, e.Y)
		}
	case *syntax.CallExpr:
		rewriteAll(e.Args)
		dot, ok := e.Fn.(*syntax.DotExpr)
		if !ok || listMethods[dot.Name.Name] == nil {
			e.Fn = rewriteExpr(e.Fn)
			break
		}
		e.Fn = &syntax.Ident{NamePos: dot.NamePos, Name: methodName + dot.Name.Name}
		e.Args = append([]syntax.Expr{rewriteExpr(dot.X)}, e.Args...)
	case *syntax.Comprehension:
		for _, c := range e.Clauses {
			switch c := c.(type) {
			case *syntax.ForClause:
				c.Vars = rewriteExpr(c.Vars)
				c.X = call(iterName, syntax.Start(c.X), rewriteExpr(c.X))
			case *syntax.IfClause:
				c.Cond = rewriteExpr(c.Cond)
			}
		}
		e.Body = rewriteExpr(e.Body)
	case *syntax.CondExpr:
		e.Cond, e.True, e.False = rewriteExpr(e.Cond), rewriteExpr(e.True), rewriteExpr(e.False)
	case *syntax.DictEntry:
		e.Key, e.Value = rewriteExpr(e.Key), rewriteExpr(e.Value)
	case *syntax.DictExpr:
		rewriteAll(e.List)
	case *syntax.DotExpr:
		e.X = rewriteExpr(e.X)
	case *syntax.IndexExpr:
		e.X, e.Y = rewriteExpr(e.X), rewriteExpr(e.Y)
	case *syntax.LambdaExpr:
		rewriteAll(e.Params)
		e.Body = rewriteExpr(e.Body)
	case *syntax.ListExpr:
		rewriteAll(e.List)
	case *syntax.ParenExpr:
		e.X = rewriteExpr(e.X)
	case *syntax.SliceExpr:
		e.X, e.Lo, e.Hi, e.Step = rewriteExpr(e.X), rewriteExpr(e.Lo), rewriteExpr(e.Hi), rewriteExpr(e.Step)
	case *syntax.TupleExpr:
		rewriteAll(e.List)
	case *syntax.UnaryExpr:
		e.X = rewriteExpr(e.X)
	}
	return e
}

// call is name(operands), at the place in the source that errors shall name.
func call(name string, at syntax.Position, operands ...syntax.Expr) syntax.Expr {
	return &syntax.CallExpr{Fn: &syntax.Ident{NamePos: at, Name: name}, Lparen: at, Args: operands, Rparen: at}
}
