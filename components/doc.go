// Package components are Pulumi components for everything in AWS that Karpenter needs to run an EKS cluster's nodes.
//
// [NewKarpenter] makes it all from a cluster's name: the controller's role ([ControllerRole]), the nodes' role ([NodeRole]),
// the interruption queue ([InterruptionQueue]) and the tags of the cluster's resources ([ClusterTags]), each of which can be
// shaped, left out, replaced by what exists, or used alone; and by choice nodes for the controller ([ControllerNodes]) and the
// account's role for spot instances ([SpotRole]).
//
// Every constructor checks all of its args before anything is registered, and then lists every problem by property in an
// [InvalidArgsError]. What it must know of the cluster it looks up by name, with one call, or takes from [ClusterFacts].
// Physical names follow Karpenter's documentation; one that AWS would find too long is cut and ends in a short hash.
package components
