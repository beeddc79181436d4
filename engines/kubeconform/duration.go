package main

import (
	"errors"
	"fmt"
	"strings"

	"k8s.io/kube-openapi/pkg/validation/strfmt"
)

// validateDuration takes Go durations (1h30m), as Kubernetes does, and ISO 8601 ones (PT1H30M). kubeconform has the
// same function, which is not exported; what is no string is left to the schema's type.
func validateDuration(value any) error {
	text, isString := value.(string)
	if !isString {
		return nil
	}
	if _, err := strfmt.ParseDuration(text); err == nil {
		return nil
	}
	rest, hasP := strings.CutPrefix(text, "P")
	if !hasP || rest == "" {
		return errors.New("must start with P")
	}
	if weeks, isWeeks := strings.CutSuffix(rest, "W"); isWeeks {
		if weeks == "" || strings.Trim(weeks, "0123456789") != "" {
			return errors.New("invalid week")
		}
		return nil
	}
	date, time, hasTime := strings.Cut(rest, "T")
	if hasTime && time == "" {
		return errors.New("no time elements")
	}
	if err := checkUnits(date, "YMD"); err != nil {
		return err
	}
	return checkUnits(time, "HMS")
}

// checkUnits wants numbers, each followed by one of the units in their order.
func checkUnits(text, units string) error {
	for text != "" {
		rest := strings.TrimLeft(text, "0123456789")
		if rest == text || rest == "" {
			return errors.New("missing number or unit")
		}
		at := strings.IndexByte(units, rest[0])
		if at < 0 {
			return fmt.Errorf("unit %q is invalid or out of order", rest[0])
		}
		units, text = units[at+1:], rest[1:]
	}
	return nil
}
