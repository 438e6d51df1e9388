package cloud

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

var regionForm = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-\d+$`)

// PartitionOf is the partition of a region.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
func PartitionOf(region string) (string, error) {
	switch {
	case !regionForm.MatchString(region):
		return "", fmt.Errorf("invalid AWS Region: %s", region)
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn", nil
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov", nil
	default:
		return "aws", nil
	}
}

// homeRegions are where calls to a partition's global services go.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requestedregion
var homeRegions = map[string]string{"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}

// HomeRegion is where calls to a partition's global services go.
func HomeRegion(partition string) string { return homeRegions[partition] }

// DNSSuffix is the domain of a partition's endpoints.
func DNSSuffix(partition string) string {
	if partition == "aws-cn" {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}

// ARN is the ARN of a thing of the account; region is empty for global ones.
func (st *State) ARN(service, region, resource string) string {
	return strings.Join([]string{"arn", st.Partition, service, region, st.AccountID, resource}, ":")
}

// arnForm is the common form of ARNs.
var arnForm = regexp.MustCompile(`^arn:(aws[a-z-]*):([a-z0-9-]+):([a-z0-9-]*):(\d{12}|aws)?:(.+)$`)

// arnParts are partition, service, region, account and resource of an ARN.
type arnParts struct{ partition, service, region, account, resource string }

func parseARN(arn string) (arnParts, bool) {
	match := arnForm.FindStringSubmatch(arn)
	if match == nil {
		return arnParts{}, false
	}
	return arnParts{match[1], match[2], match[3], match[4], match[5]}, true
}

// Ids that AWS draws at random are derived from what they name, so that the
// same deployment gives the same account.

// UniqueID is an IAM id such as AROA…: a prefix and 17 letters and digits.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
func UniqueID(prefix, name string) string {
	sum := sha256.Sum256([]byte(prefix + name))
	return prefix + base32.StdEncoding.EncodeToString(sum[:])[:17]
}

// HexID is a number of hexadecimal digits.
func HexID(name string, digits int) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:])[:digits]
}

// UUID is an id of the form 8-4-4-4-12.
func UUID(name string) string {
	h := HexID(name, 32)
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}

// sortedKeys are a map's keys in order.
func sortedKeys[T any](things map[string]*T) []string { return slices.Sorted(maps.Keys(things)) }

// letterID is an id of lower-case letters and digits.
func letterID(name string, length int) string {
	sum := sha256.Sum256([]byte(name))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:length]
}
