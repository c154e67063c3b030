package keys

// Theory is the context of the page Theory.
const Theory Context = "theory"

// Actions of the page Theory.
const (
	More, Less             Action = "more", "less" // the setting in focus
	NextOption, PrevOption Action = "next-option", "prev-option"
	NextTask, PrevTask     Action = "next-task", "prev-task"
	NextSpace              Action = "next-space" // the decision space kept
	Reset                  Action = "reset"
)

var theoryKeys = Table{
	{Keys: []string{"right", "l"}, Help: "more", Context: Theory, Action: More},
	{Keys: []string{"left", "h"}, Help: "less", Context: Theory, Action: Less},
	{Keys: []string{"j", "down"}, Help: "next setting", Context: Theory, Action: Down},
	{Keys: []string{"k", "up"}, Help: "setting before", Context: Theory, Action: Up, Minor: true},
	{Keys: []string{"c"}, Help: "next chart", Context: Theory, Action: NextChart},
	{Keys: []string{"C"}, Help: "previous chart", Context: Theory, Action: PrevChart, Minor: true},
	{Keys: []string{"f", "enter"}, Help: "full chart", Context: Theory, Action: Zoom},
	{Keys: []string{"o"}, Help: "option's path", Context: Theory, Action: NextOption},
	{Keys: []string{"O"}, Help: "path of the option before", Context: Theory, Action: PrevOption, Minor: true},
	{Keys: []string{"n"}, Help: "next task", Context: Theory, Action: NextTask},
	{Keys: []string{"N"}, Help: "task before", Context: Theory, Action: PrevTask, Minor: true},
	{Keys: []string{"m"}, Help: "next decision space", Context: Theory, Action: NextSpace},
	{Keys: []string{"r"}, Help: "settings as at first", Context: Theory, Action: Reset, Minor: true},
}
