package simd

import (
	"strings"
	"testing"
)

func TestStart(t *testing.T) {
	best := Available()[0]
	if i, err := start(""); i != best || err != nil {
		t.Errorf("start without a name: %v, %v", i, err)
	}
	for _, want := range Available() {
		if i, err := start(want.String()); i != want || err != nil {
			t.Errorf("start %v: %v, %v", want, i, err)
		}
	}
	for _, name := range []string{"sse9", "AVX2 ", "ISA(7)"} {
		i, err := start(name)
		if i != best || err == nil || !strings.Contains(err.Error(), "RA3_ISA") {
			t.Errorf("start %q: %v, %v", name, i, err)
		}
	}
}

func TestUse(t *testing.T) {
	was := Active()
	if err := Use(ISA(7)); err == nil || Active() != was {
		t.Errorf("Use of an unknown set: %v, now %v", err, Active())
	}
	sets := Available()
	if sets[len(sets)-1] != Portable {
		t.Errorf("%v does not end with the portable tier", sets)
	}
	under(t, sets, func(t *testing.T) {
		if !strings.HasSuffix(t.Name(), "/"+Active().String()) {
			t.Errorf("%v is active", Active())
		}
	})
}

// TestPackedKeepsItsTier multiplies under one set what another has packed.
func TestPackedKeepsItsTier(t *testing.T) {
	a, b, want := []float32{1, 2, 3}, []float32{4, 5, 6, 7, 8, 9}, [2]float32{40, 46}
	under(t, Available(), func(t *testing.T) {
		var p Packed
		p.Pack(b, 2, 1, 3, 2)
		under(t, Available(), func(t *testing.T) {
			var c [2]float32
			Gemm(1, a, 3, 1, &p, c[:], 2, false)
			if c != want {
				t.Errorf("got %v, want %v", c, want)
			}
		})
	})
}
