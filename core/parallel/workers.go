package parallel

import "time"

// share is one worker's part in a grid.
type share struct {
	g      *grid
	worker int
}

// shares hands work to the goroutines that wait for some. They stay from call
// to call, and leave when nothing has come for a while, so that a program that
// has stopped computing keeps none of them.
var shares = make(chan share)

// idle is how long a worker waits for more. It is far above the gaps between
// the steps of a run.
const idle = 500 * time.Millisecond

// start gives s to a waiting worker, or to a new one when all are busy.
func start(s share) {
	select {
	case shares <- s:
	default:
		go work(s)
	}
}

func work(s share) {
	timer := time.NewTimer(idle)
	defer timer.Stop()
	for {
		s.g.run(s.worker)
		timer.Reset(idle)
		select {
		case s = <-shares:
		case <-timer.C:
			return
		}
	}
}
