package rlvr

import (
	"errors"
	"fmt"

	"ra3/core/trace"
)

// Credit says which tokens carry the policy gradient, the KL's included.
type Credit string

// Kinds of credit.
const (
	CreditAll       Credit = "all"
	CreditRationale Credit = "rationale" // decisions and rationales only
)

// Advantage says what a reward is compared with.
type Advantage string

// Kinds of advantage; none named is leave-one-out.
const (
	LeaveOneOut Advantage = "leave-one-out" // r - mean of the group's other rewards
	GroupMean   Advantage = "group-mean"    // r - mean of the group's rewards: (G-1)/G of the former
)

// Aggregation says what a sum over tokens is divided by.
type Aggregation string

// Kinds of aggregation; none named is by a constant. Only the constant leaves
// the gradient of the expected reward unbiased: the others weigh a token by how
// long its own sample (sequence) or the batch (token) became.
const (
	PerConstant Aggregation = "constant" // Problems * Group * MaxTokens (dr_grpo)
	PerToken    Aggregation = "token"    // tokens with credit in the batch (DAPO)
	PerSequence Aggregation = "sequence" // tokens with credit of each sample, then samples (GRPO)
)

// Settings of post-training. From Advantage to Mix, zero values keep to one
// strictly on-policy step of the unbiased estimator.
type Settings struct {
	Problems     int                `toml:"problems" json:"problems"`           // groups per update
	Group        int                `toml:"group" json:"group"`                 // samples a problem
	Rounds       int                `toml:"rounds" json:"rounds"`               // draws of problems per update, at most: groups without variance are replaced
	MaxTokens    int                `toml:"max_tokens" json:"max_tokens"`       // generated per sample; also the constant that token sums are divided by
	LearningRate float64            `toml:"learning_rate" json:"learning_rate"` // constant
	Credit       Credit             `toml:"credit" json:"credit"`
	Advantage    Advantage          `toml:"advantage" json:"advantage"`
	Std          bool               `toml:"std" json:"std"` // divide advantages by the deviation of the group's rewards
	Aggregation  Aggregation        `toml:"aggregation" json:"aggregation"`
	Epochs       int                `toml:"epochs" json:"epochs"`       // optimiser steps on each batch of samples; 0 is 1
	Clip         float64            `toml:"clip" json:"clip"`           // epsilon of the clipped surrogate after the first step; 0: no clipping
	ClipHigh     float64            `toml:"clip_high" json:"clip_high"` // epsilon above 1; 0: that of clip
	KL           float64            `toml:"kl" json:"kl"`               // beta: reward lost per nat of KL(policy || initial policy)
	Mix          MixKind            `toml:"mix" json:"mix"`             // of problems' lengths
	Temperatures trace.Temperatures `toml:"temperatures" json:"temperatures"`
}

// Validate names a field whose choice is unknown or has no effect; ranges of
// numbers are the caller's.
func (s Settings) Validate() error {
	switch {
	case s.Credit != CreditAll && s.Credit != CreditRationale:
		return fmt.Errorf("credit = %q: allowed are all, rationale", s.Credit)
	case s.Advantage != "" && s.Advantage != LeaveOneOut && s.Advantage != GroupMean:
		return fmt.Errorf("advantage = %q: allowed are leave-one-out, group-mean", s.Advantage)
	case s.Aggregation != "" && s.Aggregation != PerConstant && s.Aggregation != PerToken && s.Aggregation != PerSequence:
		return fmt.Errorf("aggregation = %q: allowed are constant, token, sequence", s.Aggregation)
	case s.Mix != "" && s.Mix != MixFixed && s.Mix != MixAdaptive:
		return fmt.Errorf("mix = %q: allowed are fixed, adaptive", s.Mix)
	case s.ClipHigh > 0 && s.Clip == 0:
		return errors.New("clip_high without clip has no effect: set clip too")
	}
	return nil
}
