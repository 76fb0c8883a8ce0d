//go:build !linux && !darwin

package app

import "errors"

func freeSpace(string) (free, all int64, err error) { return 0, 0, errors.ErrUnsupported }
