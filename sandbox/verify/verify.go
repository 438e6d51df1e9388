// Package verify tells whether Karpenter could do its work with what is
// deployed in a sandbox account, and nobody else could.
//
// It knows nothing of how a deployment was made: it finds the controller's
// role, the node role and the queue in the account, and then tells three
// stories, each a table of what must be allowed, denied or delivered.
package verify

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/grafanix/eks-karpenter/sandbox"
)

// Options say what the account alone does not. All of them may be left out.
type Options struct {
	// Namespace and ServiceAccount are those of Karpenter's pods: kube-system
	// and karpenter when empty.
	Namespace, ServiceAccount string
	// ControllerRole is the name of the role that a web identity token is
	// exchanged for; the one role that trusts the token when empty.
	ControllerRole string
	// NodeRole is the name of the nodes' role, and Queue of the interruption
	// queue; see [Run] for how they are found when empty.
	NodeRole, Queue string
	// KarpenterVersion is the release to verify for, such as 1.8.6: calls and
	// events that came later are left out. The newest when empty.
	KarpenterVersion string
	// ActedOnOnly tells whether events that Karpenter drops are to be kept out
	// of the queue; when nil, the patterns of the queue's rules tell.
	ActedOnOnly *bool
}

func (o Options) withDefaults() Options {
	if o.Namespace == "" {
		o.Namespace = "kube-system"
	}
	if o.ServiceAccount == "" {
		o.ServiceAccount = "karpenter"
	}
	return o
}

// Run tells the stories of one cluster. It works on a copy of the account, so
// that nothing in it changes and no message is taken from it.
//
// The controller is a session as Karpenter's pods get it: by the EKS Pod
// Identity association of its service account, else by a token of the
// cluster's issuer. The node role is the one with an instance profile, an
// access entry and the controller's right to pass it, or most of that; the
// queue is the one that the controller may read and that rules send to.
// An error means that there is nobody to tell the stories of.
func Run(account *sandbox.Account, region, cluster string, options Options) (report Report, err error) {
	copied, remove, err := copyOf(account)
	if err != nil {
		return Report{}, err
	}
	defer func() { err = errors.Join(err, remove()) }()
	s, err := discover(copied, region, cluster, options.withDefaults())
	if err != nil {
		return Report{}, fmt.Errorf("verifying the cluster %s: %w", cluster, err)
	}
	report = Report{
		Cluster: cluster, Region: region, Identity: s.identity,
		ControllerRole: s.controllerRole, NodeRole: s.nodeRole, Queue: s.queueARN,
	}
	for _, tell := range []func() ([]Row, error){s.karpentersDay, s.somebodyElsesDay, s.interruptionsWay} {
		rows, err := tell()
		if err != nil {
			return Report{}, fmt.Errorf("verifying the cluster %s: %w", cluster, err)
		}
		report.Rows = append(report.Rows, rows...)
	}
	return report, nil
}

// Clusters are the clusters of the account that Karpenter has something
// deployed for: a role that its service account can assume.
func Clusters(account *sandbox.Account, options Options) (found []Cluster, err error) {
	copied, remove, err := copyOf(account)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, remove()) }()
	look, err := takeInventory(copied)
	if err != nil {
		return nil, err
	}
	for _, cluster := range sorted(look.Clusters) {
		s := subject{account: copied, look: look, cluster: cluster, options: options.withDefaults()}
		if s.client, err = copied.Client(cluster.Region); err != nil {
			return nil, err
		}
		switch err := s.findController(); {
		case err == nil:
			found = append(found, Cluster{Region: cluster.Region, Name: cluster.Name})
		case !errors.Is(err, errNobody):
			return nil, fmt.Errorf("the cluster %s: %w", cluster.Name, err)
		}
	}
	return found, nil
}

// Cluster names a cluster of an account.
type Cluster struct{ Region, Name string }

// copyOf copies an account, without its messages, to a file of its own.
func copyOf(account *sandbox.Account) (copied *sandbox.Account, remove func() error, err error) {
	folder, err := os.MkdirTemp("", "verify-")
	if err != nil {
		return nil, nil, err
	}
	remove = func() error { return os.RemoveAll(folder) }
	path := filepath.Join(folder, "account.json")
	if err = os.WriteFile(path, account.Dump(), 0o600); err == nil {
		copied, err = sandbox.Open(path, sandbox.Spec{})
	}
	if err != nil {
		return nil, nil, errors.Join(err, remove())
	}
	return copied, remove, nil
}

// lastPart is what follows the last separator.
func lastPart(text, separator string) string {
	return text[strings.LastIndex(text, separator)+len(separator):]
}
