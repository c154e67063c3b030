package experiments

import "testing"

func FuzzParsePosition(f *testing.F) {
	for _, s := range []string{"main:120", "7", "f1:0", ":", "a:b", "main:-1", "main:99999999999999999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePosition(text)
		if err != nil {
			return
		}
		if again, err := ParsePosition(p.String()); err != nil || again != p || p.Update < 0 {
			t.Errorf("%q is %v, which reads %v, %v", text, p, again, err)
		}
	})
}
