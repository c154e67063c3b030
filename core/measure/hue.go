package measure

import (
	"cmp"
	"strings"
)

// Hue names a colour of Okabe and Ito's palette (Color Universal Design, 2008), so
// that screen and paper give a series the same one in their own shades.
type Hue int

// The hues. LaneHue is the lane's own, PaleHue that of seeds behind no mean.
const (
	LaneHue Hue = iota
	PaleHue
	Green
	Purple
	SkyBlue
	Ink // of the text
	Orange
	Blue
	Vermillion
	Yellow
)

// seriesHues are in the order in which series that are no lane's take them; the last
// two are NTP's and RA3's, and free where neither is drawn. Orange comes late: on
// the screen it says where the keys go.
var seriesHues = []Hue{Green, Purple, SkyBlue, Ink, Orange, Blue, Vermillion}

// LatentHues are in the order in which latents take them, again and again.
var LatentHues = []Hue{SkyBlue, Green, Purple, Orange, Yellow, Blue, Vermillion}

// LaneOf is a series' lane in the spelling of the known ones.
func LaneOf(s Series) string { return strings.ToLower(strings.TrimSpace(s.Lane)) }

// Hues gives every series its colour: a lane's own, or one for its name, which it
// has in all branches and which the seeds behind it share.
func Hues(ss []Series) []Hue {
	free := len(seriesHues)
	for _, s := range ss {
		if lane := LaneOf(s); lane == "ntp" || lane == "ra3" {
			free = len(seriesHues) - 2
		}
	}
	by := map[string]Hue{}
	out := make([]Hue, len(ss))
	for i, s := range ss {
		lane := LaneOf(s)
		switch {
		case lane == "base" || lane == "ntp" || lane == "ra3":
			continue // LaneHue
		case lane == "" && s.Thin && s.Of == "":
			out[i] = PaleHue
			continue
		case lane == "":
			lane = "series " + cmp.Or(s.Of, s.Name)
		}
		if _, known := by[lane]; !known {
			by[lane] = seriesHues[len(by)%free]
		}
		out[i] = by[lane]
	}
	return out
}
