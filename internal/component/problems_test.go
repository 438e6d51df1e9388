package component

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumierrors "github.com/pulumi/pulumi/sdk/v3/go/pulumi/errors"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestProblemsAreListedInOrderUnderTheirPaths(t *testing.T) {
	t.Parallel()
	p := NewProblems()
	require.NoError(t, p.Err("part"))
	word := NewForm(`^[a-z]+$`, "a word")
	inner := p.In("options").In("more")
	inner.Matches("name", new("2"), word)
	inner.MatchesKnown("known", pulumi.String("3"), word)
	p.Between("size", new(11), 1, 10, "bytes")
	p.OneOf("kind", new("c"), "a", "b")
	p.AtMost("list", 3, 2)

	err := p.Err("part")
	assert.EqualError(t, err, `part: 5 problems:
  - options.more.name: "2" is not valid: a word
  - options.more.known: "3" is not valid: a word
  - size: 11 is out of range: 1 to 10 bytes
  - kind: "c" is not valid: one of a, b
  - list: 3 are too many: at most 2`)
	var details *pulumierrors.InputPropertiesError
	require.ErrorAs(t, err, &details, "Pulumi finds the details it knows how to show")
	assert.Len(t, details.Errors, 5)
}

func TestWhatIsLeftOutOrNotKnownOrWithinBoundsIsNoProblem(t *testing.T) {
	t.Parallel()
	p := NewProblems()
	word := NewForm(`^[a-z]+$`, "a word")
	p.Matches("name", nil, word)
	p.Matches("name", new("two"), word)
	p.MatchesKnown("input", nil, word)
	p.MatchesKnown("input", pulumi.String("2").ToStringOutput(), word)
	for _, size := range []*int{nil, new(1), new(10)} {
		p.Between("size", size, 1, 10, "bytes")
	}
	p.OneOf("kind", nil, "a")
	p.OneOf("kind", new("a"), "a")
	p.AtMost("list", 2, 2)
	assert.NoError(t, p.Err("part"))
}

func TestOneProblemStandsOnOneLine(t *testing.T) {
	t.Parallel()
	var invalid *InvalidArgsError
	require.ErrorAs(t, Invalid("size", "is odd"), &invalid)
	invalid.Component = "part"
	assert.EqualError(t, invalid, "part: size: is odd")
}
