package ekscomponent

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// inputs are the least that a cluster takes, and more.
func inputs(more map[string]any) resource.PropertyMap {
	all := map[string]any{"vpcId": "vpc-1", "skipDefaultNodeGroup": true}
	for name, value := range more {
		all[name] = value
	}
	return resource.NewPropertyMapFromMap(all)
}

func TestWhatIsNotModelledIsRefusedByName(t *testing.T) {
	require.NoError(t, check(inputs(nil)))
	cases := []struct {
		in    map[string]any
		words string
	}{
		{map[string]any{"autoMode": map[string]any{"enabled": true}}, `the sandbox does not model the input "autoMode"`},
		{map[string]any{"storageClasses": "gp3"}, `the sandbox does not model the input "storageClasses"`},
		{map[string]any{"skipDefaultNodeGroup": nil}, "set skipDefaultNodeGroup"},
		{map[string]any{"vpcId": nil}, "set vpcId"},
		{map[string]any{"authenticationMode": "IAM"}, `authenticationMode must be CONFIG_MAP, API_AND_CONFIG_MAP or API, got "IAM"`},
		{map[string]any{"subnetIds": []any{"a"}, "privateSubnetIds": []any{"b"}}, "subnetIds cannot be set beside"},
		{map[string]any{"instanceRole": "a", "instanceRoles": []any{"b"}}, "instanceRole and instanceRoles cannot both be set"},
		{map[string]any{"accessEntries": map[string]any{}}, "accessEntries need authenticationMode API or API_AND_CONFIG_MAP"},
		{map[string]any{"authenticationMode": "API", "roleMappings": []any{map[string]any{}}}, "roleMappings have no effect with authenticationMode API"},
		{
			map[string]any{"authenticationMode": "API", "accessEntries": map[string]any{"a": map[string]any{"accessPolicies": map[string]any{}}}},
			"the sandbox does not model accessEntries.a.accessPolicies",
		},
		{map[string]any{"vpcCniOptions": map[string]any{"securityContextPrivileged": true}}, "the sandbox does not model vpcCniOptions.securityContextPrivileged"},
		{map[string]any{"createOidcProvider": resource.MakeComputed(resource.NewPropertyValue(true))}, `the input "createOidcProvider" must be known`},
	}
	for _, c := range cases {
		assert.ErrorContains(t, check(inputs(c.in)), c.words)
	}
	both := check(inputs(map[string]any{"vpcId": nil, "gpu": true}))
	assert.ErrorContains(t, both, "set vpcId")
	assert.ErrorContains(t, both, `"gpu"`, "all is told at once")
}

func TestWrappedInputsAreRead(t *testing.T) {
	secret := resource.MakeSecret(resource.NewPropertyValue(true))
	known := resource.NewOutputProperty(resource.Output{Element: resource.NewPropertyValue("API"), Known: true})
	a := args{given: resource.PropertyMap{"createOidcProvider": secret, "authenticationMode": known}}
	assert.True(t, a.flag("createOidcProvider"))
	assert.True(t, a.takesEntries())
	assert.False(t, a.hasConfigMap())
}

// TestTheCNIIsConfiguredByOptionsAndValues: values go before options, and
// options before defaults.
func TestTheCNIIsConfiguredByOptionsAndValues(t *testing.T) {
	defaults := cniConfiguration(nil)
	assert.Equal(t, map[string]any{
		"WARM_ENI_TARGET": "1", "AWS_VPC_K8S_CNI_LOGLEVEL": "DEBUG", "AWS_VPC_K8S_CNI_LOG_FILE": "/host/var/log/aws-routed-eni/ipamd.log",
		"AWS_VPC_K8S_CNI_VETHPREFIX": "eni", "AWS_VPC_ENI_MTU": "9001", "AWS_VPC_K8S_PLUGIN_LOG_LEVEL": "DEBUG",
		"AWS_VPC_K8S_PLUGIN_LOG_FILE": "/var/log/aws-routed-eni/plugin.log", "ENABLE_POD_ENI": "false",
		"AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG": "false", "AWS_VPC_K8S_CNI_EXTERNALSNAT": "false",
	}, defaults["env"])
	assert.Equal(t, map[string]any{"env": map[string]any{"DISABLE_TCP_EARLY_DEMUX": "false"}}, defaults["init"])

	asked := cniConfiguration(map[string]any{
		"enablePrefixDelegation": true, "warmEniTarget": 0.0, "eniMtu": 1500.0, "enableNetworkPolicy": true, "enablePodEni": false,
		"configurationValues": map[string]any{
			"env": map[string]any{"AWS_VPC_ENI_MTU": "9000"}, "init": map[string]any{"resources": "small"}, "livenessProbeTimeoutSeconds": 5.0,
		},
	})
	env := asked["env"].(map[string]any)
	assert.Equal(t, "true", env["ENABLE_PREFIX_DELEGATION"])
	assert.Equal(t, "0", env["WARM_ENI_TARGET"])
	assert.Equal(t, "9000", env["AWS_VPC_ENI_MTU"])
	assert.Equal(t, "false", env["ENABLE_POD_ENI"])
	assert.Equal(t, "true", asked["enableNetworkPolicy"])
	assert.InDelta(t, 5, asked["livenessProbeTimeoutSeconds"], 0)
	assert.Equal(t, map[string]any{"resources": "small", "env": map[string]any{"DISABLE_TCP_EARLY_DEMUX": "false"}}, asked["init"])
}

func TestMappingsAreYAML(t *testing.T) {
	given := mappings([]any{map[string]any{"roleArn": "arn:1", "username": "admin", "groups": []any{"system:masters"}}}, "rolearn", "roleArn")
	text, err := listed(given)
	require.NoError(t, err)
	assert.Equal(t, "- rolearn: arn:1\n  username: admin\n  groups:\n    - system:masters\n", text)
	none, err := listed(nil)
	require.NoError(t, err)
	assert.Equal(t, "[]\n", none)
}

func TestAttachmentsAreNamedByTheirPolicies(t *testing.T) {
	assert.Equal(t, "4b490823", hashed("arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"))
}
