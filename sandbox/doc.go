// Package sandbox is an AWS account in memory that the real Pulumi engine
// deploys into, offline.
//
// A [Spec] describes the account at its start, [NewAccount] or [Open] makes
// it, and [Start] serves it to the engine as the aws provider, and its EKS
// clusters as the kubernetes provider:
//
//	account, err := sandbox.NewAccount(sandbox.DefaultSpec())
//	…
//	server, err := sandbox.Start(account)
//	…
//	defer server.Close()
//	// run any Pulumi command, or the Automation API, with server.Env()
//
// The account refuses what AWS refuses, in its words; what the sandbox does
// not have, it refuses by name. See README.md for what it has.
package sandbox
