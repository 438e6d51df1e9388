package policy

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestValuesAreAListUnlessThereIsOne(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		values Values
		want   string
		why    string
	}{
		{Values{"a"}, `"a"`, "one stands bare"},
		{Values{"a", "b"}, `["a","b"]`, "two keep their order"},
		{Values{""}, `""`, "an empty value is a value"},
		{nil, `[]`, "none is an empty list"},
	} {
		d := document(Statement{Effect: "Allow", Actions: row.values, Condition: Condition{"Bool": {"key": row.values}}})
		assert.Equal(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":`+row.want+`,"Condition":{"Bool":{"key":`+row.want+`}}}]}`,
			d.JSON(), row.why)
	}
}

func TestAPrincipalIsEveryoneUnlessItIsSomeone(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		principal *Principal
		want      string
	}{
		{nil, ""},
		{&Principal{}, `"Principal":"*",`},
		{&Principal{Service: "ec2.amazonaws.com"}, `"Principal":{"Service":"ec2.amazonaws.com"},`},
		{&Principal{AWS: "arn:aws:iam::111122223333:root"}, `"Principal":{"AWS":"arn:aws:iam::111122223333:root"},`},
		{&Principal{Federated: "f", Service: "s"}, `"Principal":{"Federated":"f","Service":"s"},`},
	} {
		d := document(Statement{Effect: "Deny", Principal: row.principal, Actions: Values{"a:b"}})
		assert.Equal(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Deny",`+row.want+`"Action":"a:b"}]}`, d.JSON())
	}
}

// What a document holds comes back from its JSON, whatever a user writes into a statement.
func FuzzDocumentJSON(f *testing.F) {
	for _, seed := range []string{"", "a", `"`, `\`, "\n\t\x00\x1f\x7f", "ü€😀", "\u2028\u2029", "</script>&", "\xff\xfe"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d := Document{Version: text, Statements: []Statement{{
			Sid: text, Effect: text, Actions: Values{text, text}, Resources: Values{text}, Condition: Condition{text: {text: {text}}},
		}}}
		var got struct {
			Version   string
			Statement []struct {
				Sid, Effect string
				Action      []string
				Resource    string
				Condition   map[string]map[string]string
			}
		}
		require.NoError(t, json.Unmarshal([]byte(d.JSON()), &got), "%q", d.JSON())
		want := string([]rune(text)) // as JSON holds it: each byte that is no character becomes one that stands for it
		require.Len(t, got.Statement, 1)
		s := got.Statement[0]
		assert.Equal(t, []string{want, want, want, want, want, want, want},
			[]string{got.Version, s.Sid, s.Effect, s.Action[0], s.Action[1], s.Resource, s.Condition[want][want]})
	})
}

func TestADocumentIsWrittenTheSameWayEveryTime(t *testing.T) {
	t.Parallel()
	d := Document{ID: "D", Version: "2012-10-17", Statements: []Statement{{
		Sid: "S", Effect: "Deny", Principal: &Principal{}, Actions: Values{"sqs:*"}, Resources: Values{"a<b>&c"},
		Condition: Condition{"StringLike": {"b": {"2"}, "a": {"1", "2"}}, "Bool": {"c": {"true"}}},
	}}}
	const want = `{"Version":"2012-10-17","Id":"D","Statement":[{"Sid":"S","Effect":"Deny","Principal":"*","Action":"sqs:*",` +
		`"Resource":"a<b>&c","Condition":{"Bool":{"c":"true"},"StringLike":{"a":["1","2"],"b":"2"}}}]}`
	for range 20 {
		require.Equal(t, want, d.JSON(), "in order, compact, and nothing escaped for HTML")
	}
}

// IAM takes a Sid once in a document, so what else goes into it must know of these.
func TestSidsAreThoseOfTheStatementsOfSomeKinds(t *testing.T) {
	t.Parallel()
	assert.Empty(t, Sids())
	assert.Equal(t, []string{"AllowInterruptionQueueActions", "AllowInterruptionQueueDecryption", "AllowZonalShiftStatusReadOnly"}, Sids(Interruption, ZonalShift))
	assert.Equal(t, []string{"AllowVolumeEncryption", "AllowVolumeEncryptionGrants"}, Sids(Additional))
	for kind, document := range official(clusters[0], Newest) {
		for _, statement := range document.Statements {
			assert.Contains(t, Sids(kind), statement.Sid)
		}
	}
}

func TestMergeKeepsAllStatementsInOrder(t *testing.T) {
	t.Parallel()
	one, two, three := Statement{Sid: "One"}, Statement{Sid: "Two"}, Statement{Sid: "Three"}
	assert.Equal(t, document(one, two, three), Merge(document(one), document(), document(two, three)))
}

// Conditions are shared between statements, so adding to one must not change another.
func TestAddingToAConditionLeavesItAsItWas(t *testing.T) {
	t.Parallel()
	base := Condition{"StringEquals": {"a": {"1"}}}
	added := base.with("StringEquals", "b", "2", "3").with("Bool", "c", "true")

	assert.Equal(t, Condition{"StringEquals": {"a": {"1"}}}, base)
	assert.Equal(t, Condition{"StringEquals": {"a": {"1"}, "b": {"2", "3"}}, "Bool": {"c": {"true"}}}, added)
}

func TestAdditionalPolicyHoldsWhatIsAskedForAlone(t *testing.T) {
	t.Parallel()
	c := clusters[0]
	user := Statement{Sid: "User", Effect: "Allow", Actions: Values{"a:b"}, Resources: Values{"*"}}
	sids := func(d Document) []string {
		var all []string
		for _, statement := range d.Statements {
			all = append(all, statement.Sid)
		}
		return all
	}
	assert.Equal(t, []string{"User"}, sids(AdditionalPolicy(c, nil, []Statement{user})), "no keys, no use of keys")
	assert.Equal(t, []string{"AllowVolumeEncryption", "AllowVolumeEncryptionGrants"}, sids(AdditionalPolicy(c, []string{c.key("k")}, nil)))
	assert.Equal(t, []string{"AllowVolumeEncryption", "AllowVolumeEncryptionGrants", "User"},
		sids(AdditionalPolicy(c, []string{c.key("k")}, []Statement{user})))
}

// The aim is 50 microseconds for all six.
func BenchmarkRenderPolicies(b *testing.B) {
	c := clusters[0]
	roles := []string{c.nodeRole()}
	queue := c.queue()
	b.ReportAllocs()
	for b.Loop() {
		size := 0
		for _, document := range []Document{
			NodeLifecyclePolicy(c, Newest), IAMIntegrationPolicy(c, roles), EKSIntegrationPolicy(c), InterruptionPolicy(queue, ""), ZonalShiftPolicy(c, Newest),
			ResourceDiscoveryPolicy(c, Newest, nil),
		} {
			size += len(document.JSON())
		}
		if size == 0 {
			b.Fatal("nothing was rendered")
		}
	}
}
