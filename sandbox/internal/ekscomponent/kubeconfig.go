package ekscomponent

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// addKubernetes makes the provider that reaches the cluster. Its kubeconfig
// names the profile of the AWS CLI, the one that is an output does not.
func (b *builder) addKubernetes(p *parts) {
	p.kubeconfig = b.kubeconfig(p.cluster, false)
	p.kubernetes = &access{}
	if b.err != nil {
		return
	}
	inputs := pulumi.Map{"kubeconfig": encoded(b.kubeconfig(p.cluster, true))}
	if input := b.flows("enableConfigMapMutable"); input != nil {
		inputs["enableConfigMapMutable"] = input
	}
	b.err = b.RegisterResource("pulumi:providers:kubernetes", b.name+"-eks-k8s", inputs, p.kubernetes, pulumi.Parent(b.parent), pulumi.Version(kubernetes))
}

// encoded is a kubeconfig's JSON.
func encoded(kubeconfig pulumi.MapOutput) pulumi.StringOutput {
	return kubeconfig.ApplyT(func(config map[string]any) (string, error) { return encode(config) }).(pulumi.StringOutput)
}

// kubeconfig is how the cluster is reached by the AWS CLI's token.
func (b *builder) kubeconfig(of *cluster, withProfile bool) pulumi.MapOutput {
	return pulumi.All(of.Name, of.Endpoint, of.Certificate, of.ARN, b.credentials()).ApplyT(func(all []any) map[string]any {
		arn, credentials := strings.Split(all[3].(string), ":"), object(all[4])
		arguments := []any{"--region", arn[3], "eks", "get-token", "--cluster-name", all[0], "--output", "json"}
		if role, _ := credentials["roleArn"].(string); role != "" {
			arguments = append(arguments, "--role", role)
		}
		if profile, _ := credentials["profileName"].(string); profile != "" && withProfile {
			arguments = append(arguments, "--profile", profile)
		}
		return kubeconfig(all[1], object(all[2])["data"], arguments)
	}).(pulumi.MapOutput)
}

// credentials are the program's, or the profile of the stack's configuration.
func (b *builder) credentials() any {
	if profile, set := b.GetConfig("aws:profile"); set && !b.has("providerCredentialOpts") {
		return pulumi.Map{"profileName": pulumi.String(profile)}
	}
	return b.orNothing("providerCredentialOpts")
}

func kubeconfig(endpoint, authority any, arguments []any) map[string]any {
	return map[string]any{
		"apiVersion": "v1",
		"kind":       "Config",
		"clusters": []any{map[string]any{
			"name": "kubernetes", "cluster": map[string]any{"server": endpoint, "certificate-authority-data": authority},
		}},
		"contexts": []any{map[string]any{
			"name": "aws", "context": map[string]any{"cluster": "kubernetes", "user": "aws"},
		}},
		"current-context": "aws",
		"users": []any{map[string]any{"name": "aws", "user": map[string]any{"exec": map[string]any{
			"apiVersion": "client.authentication.k8s.io/v1beta1",
			"command":    "aws",
			"args":       arguments,
			"env":        []any{map[string]any{"name": "KUBERNETES_EXEC_INFO", "value": `{"apiVersion": "client.authentication.k8s.io/v1beta1"}`}},
		}}}},
	}
}
