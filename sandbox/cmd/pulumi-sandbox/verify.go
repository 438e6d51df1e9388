package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/grafanix/eks-karpenter/sandbox"
	"github.com/grafanix/eks-karpenter/sandbox/verify"
)

// verify tells whether Karpenter could do its work with what is deployed, and
// nobody else could. The code is 1 where something is not as it must be.
func (s session) verify(arguments []string, out io.Writer) (code int, err error) {
	flags := flag.NewFlagSet("pulumi-sandbox verify", flag.ContinueOnError)
	asJSON := flags.Bool("json", false, "print JSON")
	cluster := flags.String("cluster", "", "the one cluster to verify; all that Karpenter is deployed for when empty")
	var options verify.Options
	flags.StringVar(&options.Namespace, "namespace", "kube-system", "Karpenter's namespace")
	flags.StringVar(&options.ServiceAccount, "service-account", "karpenter", "Karpenter's service account")
	flags.StringVar(&options.KarpenterVersion, "karpenter-version", "", "the release of Karpenter to verify for, such as 1.8.6; the newest when empty")
	flags.StringVar(&options.NodeRole, "node-role", "", "the nodes' role, where the account does not tell")
	flags.StringVar(&options.Queue, "queue", "", "the interruption queue, where the account does not tell")
	if err := flags.Parse(arguments); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0, nil
		}
		return 0, err
	}
	if flags.NArg() > 0 {
		return 0, fmt.Errorf("verify takes flags alone, not %s", flags.Arg(0))
	}
	reports, err := s.reports(*cluster, options)
	if err != nil {
		return 0, err
	}
	for _, report := range reports {
		if !report.OK() {
			code = 1
		}
	}
	return code, write(out, reports, *asJSON)
}

// reports verifies one cluster of the sandbox's account, or all.
func (s session) reports(cluster string, options verify.Options) (reports []verify.Report, err error) {
	if !exists(s.path("account.json")) {
		return nil, errors.New("nothing is deployed in this sandbox yet: run `up` first")
	}
	unlock, err := lock(s.path("lock"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	account, err := sandbox.Open(s.path("account.json"), sandbox.DefaultSpec())
	if err != nil {
		return nil, err
	}
	clusters, err := verify.Clusters(account, options)
	if err != nil {
		return nil, err
	}
	for _, found := range clusters {
		if cluster != "" && found.Name != cluster {
			continue
		}
		report, err := verify.Run(account, found.Region, found.Name, options)
		if err != nil {
			return nil, err
		}
		reports = append(reports, report)
	}
	switch {
	case len(reports) == 0 && cluster != "":
		return nil, fmt.Errorf("nothing is deployed for Karpenter in a cluster %s: no role trusts its service account", cluster)
	case len(reports) == 0:
		return nil, errors.New("nothing is deployed for Karpenter in this sandbox: no role trusts its service account; run `up` first")
	}
	return reports, nil
}

// write prints reports as tables, or as one JSON array.
func write(out io.Writer, reports []verify.Report, asJSON bool) error {
	if !asJSON {
		for i, report := range reports {
			if i > 0 {
				fmt.Fprintln(out)
			}
			if _, err := io.WriteString(out, report.Table()); err != nil {
				return err
			}
		}
		return nil
	}
	encoded := make([]json.RawMessage, len(reports))
	for i, report := range reports {
		one, err := report.JSON()
		if err != nil {
			return err
		}
		encoded[i] = one
	}
	all, err := json.MarshalIndent(encoded, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s\n", all)
	return err
}
