//go:build linux

package python

import (
	"strings"
	"testing"

	"ra3/core/judge"
	"ra3/core/judge/pyvalue"
)

// TestAttackSource: texts that are hard on a compiler.
func TestAttackSource(t *testing.T) {
	run(t, []attack{
		{name: "100 MB", kinds: one(judge.Refused), forms: everyForm, source: strings.Repeat("#", 100<<20)},
		{name: "operators", kinds: all, source: "x = " + strings.Repeat("1+", 20000) + "1\ndef f(x): return 1\n"},
		{name: "NUL", kinds: isError, forms: everyForm, source: "def f(x):\n    return 42\x00\n"},
		{name: "NUL in a comment", kinds: isError, source: "# \x00\ndef f(x):\n    return 42\n"},
		{name: "invalid UTF-8", kinds: isError, forms: everyForm, source: "def f(x):\n    return '\xff' and 42\n"},
		{name: "unknown coding", kinds: isError, forms: everyForm, source: "# -*- coding: pwned -*-\ndef f(x):\n    return 42\n"},
		{name: "coding against the mark", kinds: isError, source: "\ufeff# -*- coding: latin-1 -*-\ndef f(x):\n    return 42\n"},
		{name: "coding that is no text's", kinds: isError, source: "# -*- coding: rot13 -*-\nqrs s(k):\n    erghea 42\n"},
		{name: "empty", kinds: isError, forms: everyForm, source: ""},
		{name: "no Python", kinds: isError, forms: everyForm, source: "I cannot help with that.\n"},
		{name: "fenced", kinds: isError, source: "```python\ndef f(x):\n    return 42\n```\n"},
		{name: "half a function", kinds: isError, source: "def f(x):\n    return (4"},
		{name: "mixed tabs", kinds: isError, source: "def f(x):\n\tif x:\n        return 42\n"},
		{name: "hangs at import", kinds: isTimeout, forms: everyForm, source: "import time\ntime.sleep(1000)\n"},
		{name: "constant folding", kinds: all, source: "def f(x):\n    return (2 ** 10 ** 7 % 10 ** 9, 'x' * 10 ** 9)[0]\n"},
		{name: "many functions", kinds: isWrong, source: strings.Repeat("def g(): pass\n", 1000) + "def f(x): return 1\n"},
		{name: "many names", kinds: isError, source: "def f(" + strings.Repeat("x,", 20000) + "): pass\n"},
		{name: "control characters", kinds: isError, source: "def f(x):\n    return 42\x1b[2J\x07\n"},
		{name: "raises at import", kinds: isError, forms: everyForm, source: "raise ValueError('no')\n"},
		{name: "entry is no function", kinds: isError, source: "f = 42\n"},
		{name: "entry takes other arguments", kinds: isError, source: "def f(x, y): return 42\n"},
		{name: "star import", kinds: isError, source: "from pwned import *\ndef f(x): return 42\n"},
	})
}

// TestSources: odd texts that are right programs all the same.
func TestSources(t *testing.T) {
	p := attackPool(t, ForkServer)
	for name, source := range map[string]string{
		"byte order mark": "\ufeffdef f(x):\n    return 42\n",
		"latin-1":         "# coding: latin-1\ndef f(x):\n    return 42 if '\xe9' == '\\u00e9' else 0\n",
		"CRLF":            "def f(x):\r\n    return 42\r\n",
		"old Mac":         "def f(x):\r    return 42\r",
		"form feed":       "\f\ndef f(x):\n    return 42\n",
		"no last newline": "def f(x): return 42",
		"unicode names":   "def f(ß):\n    élan = 14 * ß\n    return élan\n",
		"class first":     "import dataclasses, typing\n@dataclasses.dataclass\nclass A:\n    n: typing.List[int]\ndef f(x):\n    return A([42]).n[0]\n",
		"main guard":      "def f(x): return 42\nif __name__ == '__main__':\n    f(input())\n",
		"prints":          "print('hello')\ndef f(x):\n    print('computing')\n    return 42\n",
		"generic":         "from __future__ import annotations\nimport asyncio\nasync def g(): return 42\ndef f(x): return asyncio.run(g())\n",
		"pickles":         "import pickle\nclass A: n = 42\ndef f(x): return pickle.loads(pickle.dumps(A())).n\n",
		"threads":         "from concurrent.futures import ThreadPoolExecutor as E\ndef f(x):\n    with E(2) as e: return sum(e.map(int, [40, 2]))\n",
	} {
		a := attack{source: source}
		out, err := p.Do(t.Context(), a.job(Calls))
		if err != nil {
			t.Fatal(err)
		}
		if kind, why := verdict(Calls, out); kind != judge.Passed {
			t.Errorf("%s: %s %s", name, kind, why)
		}
	}
	for source, parsed := range map[string]bool{"def f(x): return 1": true, "raise ValueError": true, "def f(": false, "\x00": false} {
		out, err := p.Do(t.Context(), Job{Source: source, Form: Calls, Entry: "f", Args: [][]pyvalue.Value{{pyvalue.None{}}}})
		if err != nil {
			t.Fatal(err)
		}
		if out.Parsed != parsed {
			t.Errorf("%q: parsed is %t", source, out.Parsed)
		}
	}
}
