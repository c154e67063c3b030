package python

import (
	"context"
	"os"
	"testing"

	"ra3/core/judge/protect"
	"ra3/core/judge/pyvalue"
)

func TestMain(m *testing.M) {
	protect.ServeIfChild()
	os.Exit(m.Run())
}

func TestX(t *testing.T) {
	p, err := NewPool(context.Background(), Options{Mode: ForkServer})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	t.Logf("%+v", p.protections)
	out, err := p.Do(context.Background(), Job{Source: "def f(x):\n    return [x, 1.5, 'a', {1:2}, (3,), {4}, None, True, 10**30, -7]\n", Form: Calls, Entry: "f", Args: [][]pyvalue.Value{{pyvalue.MakeInt(3)}, {pyvalue.MakeInt(-300)}}})
	t.Log(out, err)
	for _, r := range out.Results {
		if r.Value != nil {
			t.Log(pyvalue.Repr(r.Value, 100))
		}
	}
	out, err = p.Do(context.Background(), Job{Source: "def f(x):\n    return x+1\n", Form: Asserts, Tests: "def check(c):\n    assert c(1)==2\n    assert c(3)==4\ncheck(f)"})
	t.Log(out, err)
	out, err = p.Do(context.Background(), Job{Source: "def f(x):\n    return x+1\n", Form: Asserts, SameProcess: true, Tests: "def check(c):\n    assert c(1)==2\n    assert c(3)==4\ncheck(f)"})
	t.Log(out, err)
	out, err = p.Do(context.Background(), Job{Source: "print(int(input())+1)\nexit()", Form: Stdio, Stdin: []string{"1\n", "33\n"}})
	t.Log(out, err)
}
