package policy

import (
	"bytes"
	"encoding/json"
	"strings"
)

// writer writes compact JSON. encoding/json would write the same, ten times slower: it checks and copies what every
// marshaler of a nested value returns.
type writer struct {
	out   []byte
	first bool // nothing has been written yet in the object or list that is open
}

func (w *writer) object(fields func()) {
	w.out, w.first = append(w.out, '{'), true
	fields()
	w.out, w.first = append(w.out, '}'), false
}

func (w *writer) list(length int, element func(i int)) {
	w.out, w.first = append(w.out, '['), true
	for i := range length {
		w.comma()
		element(i)
	}
	w.out, w.first = append(w.out, ']'), false
}

// text writes a field, unless it is empty.
func (w *writer) text(key, value string) {
	if value != "" {
		w.key(key)
		w.string(value)
	}
}

func (w *writer) key(key string) {
	w.comma()
	w.string(key)
	w.out = append(w.out, ':')
}

func (w *writer) string(value string) {
	if strings.IndexFunc(value, needsEscape) >= 0 {
		w.out = append(w.out, compact(value)...)
		return
	}
	w.out = append(append(append(w.out, '"'), value...), '"')
}

func (w *writer) comma() {
	if !w.first {
		w.out = append(w.out, ',')
	}
	w.first = false
}

func needsEscape(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' }

// compact encodes a value of plain types, none of which can fail to encode, without HTML's escapes.
func compact(value any) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return ""
	}
	return strings.TrimSuffix(out.String(), "\n")
}
