package provider

// inOrder runs the steps of an update until one fails.
func inOrder(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// change is a step that is taken only when a value changes.
func change[T comparable](old, new T, apply func(T) error) func() error {
	return func() error {
		if old == new {
			return nil
		}
		return apply(new)
	}
}

// kept is a change of a value that AWS gives where the program gives none: it
// stays then.
func kept(old, new string, apply func(string) error) func() error {
	if new == "" {
		new = old
	}
	return change(old, new, apply)
}

// unless is a step that is not needed where something holds.
func unless(needless bool, step func() error) func() error {
	return func() error {
		if needless {
			return nil
		}
		return step()
	}
}
