package theme

import (
	"io"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"

	"ra3/core/measure"
)

// Theme is a set of styles and glyphs for one terminal. It is a value: screens
// receive it, nothing is global.
type Theme struct {
	Options Options
	Glyphs  Glyphs

	Base, NTP, RA3 lipgloss.Style // the three lanes

	Text   lipgloss.Style // ordinary
	Strong lipgloss.Style // titles and the current value
	Faint  lipgloss.Style // captions, axes, seeds behind a mean
	Key    lipgloss.Style // key names in help and status lines
	Focus  lipgloss.Style // the border and title of the pane with the focus
	Cursor lipgloss.Style // in text being written: reversed
	View   lipgloss.Style // that VIEW is not LIVE: reversed
	Good   lipgloss.Style
	Warn   lipgloss.Style
	Bad    lipgloss.Style

	Latents []lipgloss.Style // cycle of latents' colours; see Latent
	hues    map[measure.Hue]lipgloss.Style
}

// shade is a colour for dark and for light backgrounds at every depth.
type shade struct{ dark, light lipgloss.CompleteColor }

func tint(hex, c256, c16 string) lipgloss.CompleteColor {
	return lipgloss.CompleteColor{TrueColor: hex, ANSI256: c256, ANSI: c16}
}

// The palette of Okabe and Ito (Color Universal Design, 2008), which people
// with any common colour blindness tell apart. Its light members are darkened
// for light backgrounds. At 16 colours orange is the terminal's dark yellow.
var (
	grey       = shade{tint("#A0A0A0", "247", "7"), tint("#6E6E6E", "242", "8")}
	dim        = shade{tint("#808080", "244", "8"), tint("#767676", "243", "8")}
	blue       = shade{tint("#0072B2", "32", "12"), tint("#0072B2", "25", "4")}
	vermillion = shade{tint("#D55E00", "166", "9"), tint("#D55E00", "166", "1")}
	orange     = shade{tint("#E69F00", "178", "3"), tint("#B57D00", "136", "3")}
	skyBlue    = shade{tint("#56B4E9", "74", "14"), tint("#2B86BD", "31", "6")}
	green      = shade{tint("#009E73", "36", "10"), tint("#00805D", "29", "2")}
	yellow     = shade{tint("#F0E442", "227", "11"), tint("#857C00", "100", "8")}
	purple     = shade{tint("#CC79A7", "175", "13"), tint("#AF5A8A", "132", "5")}
)

// New builds the theme for a terminal.
func New(o Options) Theme {
	// A renderer of its own, writing nowhere: the default one would ask the
	// terminal for its colours, and is process-wide.
	r := lipgloss.NewRenderer(io.Discard, termenv.WithProfile(profile(o.Depth)))
	r.SetColorProfile(profile(o.Depth))
	r.SetHasDarkBackground(o.Dark)

	plain := r.NewStyle()
	ink := func(s shade) lipgloss.Style {
		if o.Dark {
			return plain.Foreground(s.dark)
		}
		return plain.Foreground(s.light)
	}
	t := Theme{
		Options: o,
		Glyphs:  GlyphsFor(o.Glyphs),
		Base:    ink(grey), NTP: ink(blue), RA3: ink(vermillion),
		Text: plain, Strong: plain.Bold(true), Faint: ink(dim),
		Key: ink(skyBlue), Focus: ink(orange).Bold(true), View: ink(orange).Reverse(true).Bold(true),
		Cursor: plain.Reverse(true),
		Good:   ink(green), Warn: ink(orange), Bad: ink(vermillion).Bold(true),
	}
	// The lanes' colours come last, so that few latents never look like lanes.
	shades := map[measure.Hue]shade{measure.Green: green, measure.Purple: purple, measure.SkyBlue: skyBlue, measure.Orange: orange, measure.Blue: blue, measure.Vermillion: vermillion, measure.Yellow: yellow}
	for _, h := range measure.LatentHues {
		t.Latents = append(t.Latents, ink(shades[h]))
	}
	t.hues = map[measure.Hue]lipgloss.Style{measure.PaleHue: t.Text, measure.Ink: t.Text}
	for h, s := range shades {
		t.hues[h] = ink(s)
	}
	return t
}

// Coloured says whether styles show; without colour they are all dropped,
// reverse and bold too.
func (t Theme) Coloured() bool { return t.Options.Depth != NoColor }

func profile(d Depth) termenv.Profile {
	switch d {
	case Colors16:
		return termenv.ANSI
	case Colors256:
		return termenv.ANSI256
	case TrueColor:
		return termenv.TrueColor
	}
	return termenv.Ascii
}

// Lane returns the style of a lane ("base", "ntp", "ra3") and whether the
// name is a lane's; other names get ordinary text.
func (t Theme) Lane(lane string) (lipgloss.Style, bool) {
	switch lane {
	case "base":
		return t.Base, true
	case "ntp":
		return t.NTP, true
	case "ra3":
		return t.RA3, true
	}
	return t.Text, false
}

// Hue returns the style of a series that is no lane's, the colour that it has on
// paper; on the screen ink is ordinary text.
func (t Theme) Hue(h measure.Hue) lipgloss.Style { return t.hues[h] }

// Latent returns the style of latent k = 0, 1, ...; colours repeat after
// len(t.Latents), so a latent is always shown with its letters as well.
func (t Theme) Latent(k int) lipgloss.Style {
	n := len(t.Latents)
	return t.Latents[((k%n)+n)%n]
}

// LatentName returns the letters of latent k: A to Z, then AA, AB, and so on.
// Negative k, which no latent has, is "?".
func LatentName(k int) string {
	if k < 0 {
		return "?"
	}
	name := ""
	for ; k >= 0; k = k/26 - 1 {
		name = string(rune('A'+k%26)) + name
	}
	return name
}
