package components

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"google.golang.org/protobuf/types/known/emptypb"
)

// account is an AWS account as the components see it on Pulumi's mocks: it answers look-ups, computes what AWS computes,
// and records all that was registered and asked. Fields are set before a program runs and read after it.
type account struct {
	partition, region, id string

	clusterName        string
	issuer             string // "" for a cluster without an OIDC issuer
	ipFamily           string
	authenticationMode string // "" for a cluster that tells of none
	subnets            []string
	owned              []string // security groups that bear the ownership tag
	routeTables        []routeTable
	roles              []string // names of the roles that EC2's spot service has
	failing            string   // the token of a look-up that fails

	preview bool
	quiet   bool // records no registrations, for benchmarks

	mu         sync.Mutex
	registered []registration
	calls      []pulumi.MockCallArgs
	completed  int // components, and the stack, that have registered their outputs
}

// routeTable is a route table of the cluster's VPC.
type routeTable struct {
	id, gateway string
	main        bool
	subnets     []string
}

const (
	vpc           = "vpc-0123456789abcdef0"
	primaryGroup  = "sg-0aaaaaaaaaaaaaaaa"
	nodeGroup     = "sg-0bbbbbbbbbbbbbbbb"
	privateSubnet = "subnet-0aaaaaaaaaaaaaaaa"
	publicSubnet  = "subnet-0bbbbbbbbbbbbbbbb"
	spotRoleName  = "AWSServiceRoleForEC2Spot"
)

// newAccount is an account with one cluster, shop, that needs no options.
func newAccount() *account { return newAccountIn("aws", "ap-northeast-2", "amazonaws.com") }

func newAccountIn(partition, region, domain string) *account {
	return &account{
		partition: partition, region: region, id: "111122223333",
		clusterName: "shop", issuer: "https://oidc.eks." + region + "." + domain + "/id/0123456789ABCDEF",
		ipFamily: "ipv4", authenticationMode: "API_AND_CONFIG_MAP",
		subnets: []string{publicSubnet, privateSubnet}, owned: []string{primaryGroup},
	}
}

func (a *account) arn(service, region, rest string) string {
	return fmt.Sprintf("arn:%s:%s:%s:%s:%s", a.partition, service, region, a.id, rest)
}

func (a *account) domain() string {
	if a.partition == "aws-cn" {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}

// NewResource records a registration and answers with its id and outputs, which in a preview are not yet known.
func (a *account) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	if !a.quiet {
		made, err := newRegistration(args.RegisterRPC)
		if err != nil {
			return "", nil, err
		}
		a.mu.Lock()
		a.registered = append(a.registered, made)
		a.mu.Unlock()
	}
	if !args.Custom { // what a component's outputs are, the engine learns from the component
		return "", resource.PropertyMap{}, nil
	}
	id, computed, err := a.computed(args.TypeToken, args.Name, func(property string) string {
		if value, ok := args.Inputs[resource.PropertyKey(property)]; ok && value.IsString() {
			return value.StringValue()
		}
		return ""
	})
	outputs := args.Inputs.Copy()
	for property, value := range resource.NewPropertyMapFromMap(computed) {
		if given, ok := outputs[property]; a.preview && (!ok || !given.DeepEquals(value)) {
			delete(outputs, property) // which makes it unknown
		} else {
			outputs[property] = value
		}
	}
	if a.preview {
		id = ""
	}
	return id, outputs, err
}

// computed is the id and the outputs that AWS computes for a resource.
func (a *account) computed(token, name string, input func(string) string) (string, map[string]any, error) {
	physical := input("name")
	if physical == "" {
		physical = name
	}
	path := input("path")
	if path == "" {
		path = "/"
	}
	iam := func(kind string) string { return a.arn("iam", "", kind+path+physical) }
	switch token {
	case "aws:iam/role:Role":
		return physical, map[string]any{"arn": iam("role"), "name": physical}, nil
	case "aws:iam/policy:Policy":
		return iam("policy"), map[string]any{"arn": iam("policy"), "name": physical}, nil
	case "aws:iam/instanceProfile:InstanceProfile":
		return physical, map[string]any{"arn": iam("instance-profile"), "name": physical}, nil
	case "aws:iam/openIdConnectProvider:OpenIdConnectProvider":
		arn := a.arn("iam", "", "oidc-provider/"+strings.TrimPrefix(input("url"), "https://"))
		return arn, map[string]any{"arn": arn}, nil
	case "aws:iam/rolePolicy:RolePolicy", "aws:iam/rolePolicyAttachment:RolePolicyAttachment":
		return input("role") + ":" + name, nil, nil
	case "aws:eks/accessEntry:AccessEntry":
		arn := a.arn("eks", a.region, "access-entry/"+input("clusterName")+"/role/"+a.id+"/node/00000000")
		return input("clusterName") + ":" + input("principalArn"), map[string]any{"accessEntryArn": arn}, nil
	case "aws:eks/podIdentityAssociation:PodIdentityAssociation":
		return "a-00000000", map[string]any{"associationId": "a-00000000"}, nil
	case "aws:eks/nodeGroup:NodeGroup":
		group := input("nodeGroupName")
		if group == "" {
			group = input("nodeGroupNamePrefix") + "20260101000000000000000001"
		}
		arn := a.arn("eks", a.region, "nodegroup/"+input("clusterName")+"/"+group+"/00000000")
		return input("clusterName") + ":" + group, map[string]any{"arn": arn, "nodeGroupName": group}, nil
	case "aws:eks/fargateProfile:FargateProfile":
		profile := input("fargateProfileName")
		arn := a.arn("eks", a.region, "fargateprofile/"+input("clusterName")+"/"+profile+"/00000000")
		return input("clusterName") + ":" + profile, map[string]any{"arn": arn}, nil
	case "aws:ec2/launchTemplate:LaunchTemplate":
		return "lt-00000000", map[string]any{"latestVersion": 1}, nil
	case "aws:iam/serviceLinkedRole:ServiceLinkedRole":
		arn := a.arn("iam", "", "role/aws-service-role/"+input("awsServiceName")+"/"+spotRoleName)
		return arn, map[string]any{"arn": arn, "name": spotRoleName}, nil
	case "aws:eks/cluster:Cluster":
		return physical, a.describe(), nil
	case "aws:sqs/queue:Queue":
		url := fmt.Sprintf("https://sqs.%s.%s/%s/%s", a.region, a.domain(), a.id, physical)
		return url, map[string]any{"arn": a.arn("sqs", a.region, physical), "url": url, "name": physical}, nil
	case "aws:sqs/queuePolicy:QueuePolicy":
		return input("queueUrl"), nil, nil
	case "aws:kms/key:Key":
		const id = "00000000-0000-0000-0000-000000000000"
		return id, map[string]any{"arn": a.arn("kms", a.region, "key/"+id), "keyId": id}, nil
	case "aws:kms/alias:Alias":
		return physical, map[string]any{"arn": a.arn("kms", a.region, physical)}, nil
	case "aws:cloudwatch/eventRule:EventRule":
		return physical, map[string]any{"arn": a.arn("events", a.region, "rule/"+physical), "name": physical}, nil
	case "aws:cloudwatch/eventTarget:EventTarget":
		return input("rule") + "-" + input("targetId"), nil, nil
	case "aws:ec2/tag:Tag":
		return input("resourceId") + "," + input("key"), nil, nil
	case "pulumi:providers:aws":
		return "provider", nil, nil
	}
	return "", nil, fmt.Errorf("the mocks know no resource %s", token)
}

// describe is the cluster as both the resource and the look-up show it.
func (a *account) describe() map[string]any {
	described := map[string]any{
		"arn":  a.arn("eks", a.region, "cluster/"+a.clusterName),
		"name": a.clusterName,
		"vpcConfig": map[string]any{
			"vpcId": vpc, "subnetIds": a.subnets, "clusterSecurityGroupId": primaryGroup,
		},
		"identities":               []any{},
		"accessConfigs":            []any{},
		"kubernetesNetworkConfigs": []any{map[string]any{"ipFamily": a.ipFamily}},
	}
	if a.issuer != "" {
		described["identities"] = []any{map[string]any{"oidcs": []any{map[string]any{"issuer": a.issuer}}}}
	}
	if a.authenticationMode != "" {
		described["accessConfigs"] = []any{map[string]any{"authenticationMode": a.authenticationMode}}
	}
	return described
}

// Call records a look-up and answers it.
func (a *account) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	a.mu.Lock()
	a.calls = append(a.calls, args)
	a.mu.Unlock()
	if args.Token == a.failing {
		return nil, fmt.Errorf("AccessDeniedException: not authorized")
	}
	answer, err := a.lookup(args.Token, args.Args)
	return resource.NewPropertyMapFromMap(answer), err
}

func (a *account) lookup(token string, args resource.PropertyMap) (map[string]any, error) {
	switch token {
	case "aws:eks/getCluster:getCluster":
		if name := args["name"].StringValue(); name != a.clusterName {
			return nil, fmt.Errorf("reading EKS Cluster (%s): couldn't find resource", name)
		}
		return a.describe(), nil
	case "aws:ec2/getSecurityGroups:getSecurityGroups":
		return map[string]any{"ids": a.owned}, nil
	case "aws:iam/getRoles:getRoles":
		arns := make([]string, len(a.roles))
		for i, role := range a.roles {
			arns[i] = a.arn("iam", "", "role"+args["pathPrefix"].StringValue()+role)
		}
		return map[string]any{"arns": arns, "names": a.roles}, nil
	case "aws:ec2/getRouteTables:getRouteTables":
		ids := make([]string, len(a.routeTables))
		for i, table := range a.routeTables {
			ids[i] = table.id
		}
		return map[string]any{"ids": ids}, nil
	case "aws:ec2/getRouteTable:getRouteTable":
		place := slices.IndexFunc(a.routeTables, func(t routeTable) bool { return t.id == args["routeTableId"].StringValue() })
		return a.routeTables[place].describe(), nil
	}
	return nil, fmt.Errorf("the mocks know no look-up %s", token)
}

func (t routeTable) describe() map[string]any {
	associations := []any{}
	if t.main {
		associations = append(associations, map[string]any{"main": true, "subnetId": ""})
	}
	for _, subnet := range t.subnets {
		associations = append(associations, map[string]any{"main": false, "subnetId": subnet})
	}
	return map[string]any{
		"associations": associations,
		"routes": []any{
			map[string]any{"cidrBlock": "10.0.0.0/16", "gatewayId": "local"},
			map[string]any{"cidrBlock": "0.0.0.0/0", "gatewayId": t.gateway},
		},
	}
}

// RegisterResourceOutputs counts the components that say they are complete.
func (a *account) RegisterResourceOutputs() (*emptypb.Empty, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.completed++
	return &emptypb.Empty{}, nil
}

// run runs a program on the account.
func (a *account) run(program pulumi.RunFunc) error {
	return pulumi.RunErr(program, pulumi.WithMocks("eks-karpenter", "test", a), func(info *pulumi.RunInfo) {
		info.DryRun = a.preview
		info.MonitorAddr, info.EngineAddr = "", ""
	})
}

// tokens are the look-ups made, in order.
func (a *account) tokens() []string {
	tokens := make([]string, len(a.calls))
	for i, call := range a.calls {
		tokens[i] = call.Token
	}
	return tokens
}
