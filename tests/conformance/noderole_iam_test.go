package conformance

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	sdk "github.com/aws/karpenter-provider-aws/pkg/aws"
	"github.com/aws/smithy-go"
	"github.com/samber/lo"
	"github.com/stretchr/testify/require"

	"github.com/grafanix/eks-karpenter/internal/policy"
	"github.com/grafanix/eks-karpenter/sandbox"
)

// iamCall is a call that Karpenter made of IAM: the profile as it was before or, where there was none, as it became, and the
// role that was named.
type iamCall struct {
	method  string
	profile sandbox.InstanceProfile
	role    string
}

// sandboxIAM is a sandbox's IAM as Karpenter calls it, and a record of its calls. Methods that are not here are those that
// the controller never calls, and panic.
type sandboxIAM struct {
	sdk.IAMAPI
	client  *sandbox.Client
	roleARN string
	calls   []iamCall
	paths   map[string]string // of the profiles made here, by their names
}

// newSandboxIAM is the IAM of an account with one role, that of the nodes.
func newSandboxIAM(t *testing.T, client *sandbox.Client, role, path string) *sandboxIAM {
	t.Helper()
	trust := policy.NodeTrust(policy.Cluster{Partition: "aws"}).JSON()
	require.NoError(t, client.CreateRole(sandbox.Role{Name: role, Path: path, TrustPolicy: trust, MaxSession: 3600}))
	made, err := client.GetRole(role)
	require.NoError(t, err)
	return &sandboxIAM{client: client, roleARN: made.ARN, paths: map[string]string{}}
}

// call records a call and makes it. A refusal becomes the AWS SDK's error of the same code.
func (s *sandboxIAM) call(method string, name, role *string, do func() error) error {
	before, missing := s.client.GetInstanceProfile(lo.FromPtr(name))
	err := do()
	if missing != nil {
		before, _ = s.client.GetInstanceProfile(lo.FromPtr(name))
		before.Name = lo.FromPtr(name)
	}
	s.calls = append(s.calls, iamCall{method, before, lo.FromPtr(role)})
	var refusal *sandbox.Refusal
	if errors.As(err, &refusal) {
		return &smithy.GenericAPIError{Code: refusal.Code, Message: refusal.Message}
	}
	return err
}

// GetInstanceProfile is IAM's.
func (s *sandboxIAM) GetInstanceProfile(_ context.Context, in *iam.GetInstanceProfileInput, _ ...func(*iam.Options)) (*iam.GetInstanceProfileOutput, error) {
	out := &iam.GetInstanceProfileOutput{}
	return out, s.call("Get", in.InstanceProfileName, nil, func() error {
		found, err := s.client.GetInstanceProfile(*in.InstanceProfileName)
		out.InstanceProfile = describedProfile(found)
		return err
	})
}

// CreateInstanceProfile is IAM's.
func (s *sandboxIAM) CreateInstanceProfile(_ context.Context, in *iam.CreateInstanceProfileInput, _ ...func(*iam.Options)) (*iam.CreateInstanceProfileOutput, error) {
	made := sandbox.InstanceProfile{Name: *in.InstanceProfileName, Path: *in.Path, Tags: sandbox.Tags{}}
	for _, tag := range in.Tags {
		made.Tags[*tag.Key] = *tag.Value
	}
	s.paths[made.Name] = made.Path
	return &iam.CreateInstanceProfileOutput{InstanceProfile: describedProfile(made)},
		s.call("Create", in.InstanceProfileName, nil, func() error { return s.client.CreateInstanceProfile(made) })
}

// AddRoleToInstanceProfile is IAM's.
func (s *sandboxIAM) AddRoleToInstanceProfile(_ context.Context, in *iam.AddRoleToInstanceProfileInput, _ ...func(*iam.Options)) (*iam.AddRoleToInstanceProfileOutput, error) {
	return &iam.AddRoleToInstanceProfileOutput{}, s.call("AddRole", in.InstanceProfileName, in.RoleName, func() error {
		return s.client.AddRoleToInstanceProfile(*in.InstanceProfileName, *in.RoleName)
	})
}

// RemoveRoleFromInstanceProfile is IAM's.
func (s *sandboxIAM) RemoveRoleFromInstanceProfile(_ context.Context, in *iam.RemoveRoleFromInstanceProfileInput, _ ...func(*iam.Options)) (*iam.RemoveRoleFromInstanceProfileOutput, error) {
	return &iam.RemoveRoleFromInstanceProfileOutput{}, s.call("RemoveRole", in.InstanceProfileName, in.RoleName, func() error {
		return s.client.RemoveRoleFromInstanceProfile(*in.InstanceProfileName, *in.RoleName)
	})
}

// DeleteInstanceProfile is IAM's.
func (s *sandboxIAM) DeleteInstanceProfile(_ context.Context, in *iam.DeleteInstanceProfileInput, _ ...func(*iam.Options)) (*iam.DeleteInstanceProfileOutput, error) {
	return &iam.DeleteInstanceProfileOutput{}, s.call("Delete", in.InstanceProfileName, nil, func() error {
		return s.client.DeleteInstanceProfile(*in.InstanceProfileName)
	})
}

// ListInstanceProfiles is IAM's, of the profiles made here.
func (s *sandboxIAM) ListInstanceProfiles(_ context.Context, in *iam.ListInstanceProfilesInput, _ ...func(*iam.Options)) (*iam.ListInstanceProfilesOutput, error) {
	out := &iam.ListInstanceProfilesOutput{}
	return out, s.call("List", nil, nil, func() error {
		for name, path := range s.paths {
			found, err := s.client.GetInstanceProfile(name)
			if err == nil && strings.HasPrefix(path, *in.PathPrefix) {
				out.InstanceProfiles = append(out.InstanceProfiles, *describedProfile(found))
			}
		}
		return nil
	})
}

// describedProfile is a profile as IAM describes it: its role by its bare name.
func describedProfile(profile sandbox.InstanceProfile) *iamtypes.InstanceProfile {
	shown := &iamtypes.InstanceProfile{InstanceProfileName: &profile.Name, Path: &profile.Path, Arn: &profile.ARN}
	if profile.Role != "" {
		shown.Roles = []iamtypes.Role{{RoleName: &profile.Role}}
	}
	return shown
}
