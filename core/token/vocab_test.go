package token

import (
	"slices"
	"testing"
)

func TestLongestTokenFirst(t *testing.T) {
	v, err := New([]string{"<act>", "x", "xs", " = ", "x = "}, []Kind{Decision, Code, Code, Code, Word})
	if err != nil {
		t.Fatal(err)
	}
	ids, err := v.Encode("xs = x = x")
	if err != nil || !slices.Equal(ids, []int32{2, 3, 4, 1}) {
		t.Errorf("ids %v, %v", ids, err)
	}
	if got := v.Decode(append(ids, 0)); got != "xs = x = x" {
		t.Errorf("decoded %q", got)
	}
	if _, err := v.Encode("xy"); err == nil {
		t.Error("unknown text was encoded")
	}
	if _, err := v.Encode("<act>"); err == nil {
		t.Error("a marker was encoded from text")
	}
	if a := v.Allowed(Code); !slices.Equal(a, []bool{false, true, true, true, false}) {
		t.Errorf("allowed %v", a)
	}
}

func TestVocabulariesRefuseRepeatsAndEmptyTokens(t *testing.T) {
	for _, texts := range [][]string{{"a", "a"}, {"a", ""}} {
		if _, err := New(texts, []Kind{Code, Code}); err == nil {
			t.Errorf("%q taken", texts)
		}
	}
}

func FuzzEncode(f *testing.F) {
	v, _ := New([]string{"x", "xs", " = ", "\n", " "}, []Kind{Code, Code, Code, Code, Code})
	f.Add("xs = x\n")
	f.Fuzz(func(t *testing.T, s string) {
		ids, err := v.Encode(s)
		if err == nil && v.Decode(ids) != s {
			t.Errorf("%q came back as %q", s, v.Decode(ids))
		}
	})
}

func TestCodesAreReadAndNotWritten(t *testing.T) {
	plain, err := New([]string{"<act>", "x", " z"}, []Kind{Decision, Code, Word})
	if err != nil {
		t.Fatal(err)
	}
	v, err := plain.With(Latent, " z1", " z2")
	if err != nil {
		t.Fatal(err)
	}
	if v.Size() != 5 || plain.Size() != 3 || v.Kind(4) != Latent || v.Kind(2) != Word {
		t.Errorf("%d tokens of %d, kinds %v and %v", v.Size(), plain.Size(), v.Kind(4), v.Kind(2))
	}
	if got := v.Decode([]int32{1, 3}); got != "x z1" {
		t.Errorf("decoded %q", got)
	}
	if _, err := v.Encode("x z1"); err == nil {
		t.Error("a code was encoded from text")
	}
	if a := v.Allowed(Latent); !slices.Equal(a, []bool{false, false, false, true, true}) {
		t.Errorf("allowed %v", a)
	}
	if _, err := v.With(Latent, "x"); err == nil {
		t.Error("a token was taken twice")
	}
}
