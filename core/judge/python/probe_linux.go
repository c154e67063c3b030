package python

import (
	"context"
	"fmt"

	"ra3/core/judge/protect"
)

type discovery struct {
	plan        protect.Plan
	interpreter Interpreter
	protections protect.Protections
}

func discover(ctx context.Context, opt Options) (discovery, error) {
	py, err := FindInterpreter(ctx, opt.Python)
	if err != nil {
		return discovery{}, err
	}
	for _, plan := range protect.Plans() {
		s, err := startServer(ctx, plan, py, nil, false)
		fmt.Println("plan", plan, err)
		if err != nil {
			continue
		}
		s.stop()
		return discovery{plan: plan, interpreter: py}, nil
	}
	return discovery{}, fmt.Errorf("no plan")
}
