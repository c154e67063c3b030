package theme

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"ra3/core/measure"
)

func TestDetect(t *testing.T) {
	for _, c := range []struct {
		name string
		env  map[string]string
		want Options
	}{
		{"modern", map[string]string{"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "en_GB.UTF-8"}, Options{TrueColor, Braille, true}},
		{"tmux", map[string]string{"TERM": "tmux-256color", "LC_ALL": "C.UTF-8"}, Options{Colors256, Braille, true}},
		{"kitty", map[string]string{"TERM": "xterm-kitty", "LANG": "de_DE.utf8"}, Options{TrueColor, Braille, true}},
		{"no colour", map[string]string{"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "1", "LANG": "C.UTF-8"}, Options{NoColor, Braille, true}},
		{"empty NO_COLOR", map[string]string{"TERM": "xterm", "NO_COLOR": "", "LANG": "C.UTF-8"}, Options{Colors16, Braille, true}},
		{"console", map[string]string{"TERM": "linux", "LANG": "en_US.UTF-8"}, Options{Colors16, Block, true}},
		{"LC_ALL wins", map[string]string{"TERM": "xterm", "LC_ALL": "C", "LANG": "en_US.UTF-8"}, Options{Colors16, ASCII, true}},
		{"LC_CTYPE", map[string]string{"TERM": "xterm", "LC_CTYPE": "UTF-8", "LANG": "C"}, Options{Colors16, Braille, true}},
		{"light", map[string]string{"TERM": "rxvt", "COLORFGBG": "0;default;15", "LANG": "C.UTF-8"}, Options{Colors16, Braille, false}},
		{"dumb", map[string]string{"TERM": "dumb", "LANG": "en_US.UTF-8"}, Options{NoColor, ASCII, true}},
		{"vt100", map[string]string{"TERM": "vt100", "LANG": "C.UTF-8"}, Options{NoColor, Braille, true}},
		{"nothing", nil, Options{NoColor, ASCII, true}},
	} {
		if got := Detect(func(k string) string { return c.env[k] }); got != c.want {
			t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
		}
	}
}

// all runs f over every combination of options.
func all(f func(Options)) {
	for d := NoColor; d <= TrueColor; d++ {
		for g := ASCII; g <= Braille; g++ {
			for _, dark := range []bool{false, true} {
				f(Options{d, g, dark})
			}
		}
	}
}

func TestGlyphsAreOneCellAndKeepTheirSet(t *testing.T) {
	for set := ASCII; set <= Braille; set++ {
		g := GlyphsFor(set)
		runes := []rune{g.Fill, g.Shade, g.Cursor, g.Live, g.Ellipsis,
			g.AxisV, g.AxisH, g.AxisCorner, g.TickV, g.TickH, g.WhiskerL, g.WhiskerH, g.WhiskerR, g.Estimate}
		runes = append(runes, g.Run...)
		for _, b := range []string{g.PlusMinus, g.Border.Top, g.Border.TopLeft, g.Border.Left, g.FocusBorder.Top, g.FocusBorder.TopLeft, g.FocusBorder.Left} {
			for _, r := range b {
				runes = append(runes, r)
			}
		}
		for _, r := range runes {
			if ansi.StringWidth(string(r)) != 1 {
				t.Errorf("set %d: %q is not one cell wide", set, r)
			}
			if set == ASCII && (r < ' ' || r > '~') {
				t.Errorf("%q is not printable ASCII", r)
			}
		}
		if g.Border.Top == g.FocusBorder.Top || g.Border.Left == g.FocusBorder.Left {
			t.Errorf("set %d: focus shows by colour alone", set)
		}
		if g.Cursor == g.Live {
			t.Errorf("set %d: markers look alike", set)
		}
	}
}

func TestColoursAreDistinctWhereThereAreColours(t *testing.T) {
	all(func(o Options) {
		th := New(o)
		out := map[string]bool{}
		for _, s := range th.Latents {
			out[s.Render("x")] = true
		}
		out[th.Base.Render("x")] = true
		want := 1
		if o.Depth != NoColor {
			want = len(th.Latents) + 1
			if o.Depth == Colors16 && !o.Dark {
				want-- // yellow has no readable place on white but dark grey
			}
		}
		if len(out) != want {
			t.Errorf("%+v: %d distinct colours, want %d", o, len(out), want)
		}
		if o.Depth == NoColor && strings.Contains(th.Strong.Render("x")+th.Bad.Render("x"), "\x1b") {
			t.Errorf("%+v: escapes without colour", o)
		}
	})
	dark := New(Options{TrueColor, Braille, true})
	// termenv's conversion of a hexadecimal colour may be one short per channel.
	if got := dark.NTP.Render("x"); !strings.Contains(got, "38;2;0;114;178") && !strings.Contains(got, "38;2;0;113;178") {
		t.Errorf("ntp is %q, want #0072B2", got)
	}
	if got := dark.RA3.Render("x"); !strings.Contains(got, "38;2;213;94;0") && !strings.Contains(got, "38;2;213;93;0") {
		t.Errorf("ra3 is %q, want #D55E00", got)
	}
}

func TestLatentName(t *testing.T) {
	for k, want := range map[int]string{-1: "?", 0: "A", 25: "Z", 26: "AA", 27: "AB", 51: "AZ", 52: "BA", 701: "ZZ", 702: "AAA"} {
		if got := LatentName(k); got != want {
			t.Errorf("LatentName(%d) = %q, want %q", k, got, want)
		}
	}
	th := New(Options{TrueColor, Braille, true})
	if th.Latent(-1).Render("x") != th.Latent(len(th.Latents)-1).Render("x") {
		t.Error("negative latents leave the cycle")
	}
}

func TestTextAndFit(t *testing.T) {
	u, a := GlyphsFor(Braille), GlyphsFor(ASCII)
	if got := u.Text("a\x1b[31mb\x1b[0m\nc\x07\xff"); got != "ab c?" {
		t.Errorf("Text: %q", got)
	}
	if got := a.Text("±0.1 → τ 漢"); got != "+-0.1 -> tau ?" {
		t.Errorf("ASCII Text: %q", got)
	}
	for _, s := range []string{"", "abc", "漢字漢字", "e\u0301te", "🇩🇪🇫🇷"} {
		for w := -1; w < 12; w++ {
			if got := ansi.StringWidth(u.Fit(s, w)); got != max(w, 0) {
				t.Errorf("Fit(%q, %d) is %d wide", s, w, got)
			}
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add("plain", 5)
	f.Add("\x1b]8;;x\x07link\x1b]8;;\x07", 3)
	f.Fuzz(func(t *testing.T, s string, w int) {
		w %= 200
		for set := ASCII; set <= Braille; set++ {
			g := GlyphsFor(set)
			out := g.Fit(g.Text(s), w)
			if got := ansi.StringWidth(out); got != max(w, 0) {
				t.Fatalf("width %d, want %d: %q", got, w, out)
			}
			if strings.ContainsAny(out, "\n\r\x1b") {
				t.Fatalf("controls left in %q", out)
			}
			for _, b := range []byte(out) {
				if set == ASCII && (b < ' ' || b > '~') {
					t.Fatalf("byte %#x in ASCII text %q", b, out)
				}
			}
		}
	})
}

// Every colour that a series may have on paper is one of the theme's.
func TestHues(t *testing.T) {
	th := New(Options{Depth: TrueColor, Dark: true})
	seen := map[string]measure.Hue{}
	for h := measure.Green; h <= measure.Yellow; h++ {
		text := th.Hue(h).Render("x")
		if other, taken := seen[text]; taken {
			t.Errorf("hues %d and %d look the same", h, other)
		}
		seen[text] = h
		if h != measure.Orange && text == th.Warn.Render("x") {
			t.Errorf("hue %d is that of the focus", h)
		}
	}
}
