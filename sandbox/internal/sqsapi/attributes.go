package sqsapi

import (
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

// attribute is a message attribute. The account keeps strings alone.
type attribute struct {
	DataType    string
	StringValue string
}

const textType = "String"

func textsOf(attributes map[string]attribute) (map[string]string, error) {
	texts := map[string]string{}
	for name, a := range attributes {
		if a.DataType != textType {
			return nil, fmt.Errorf("the sandbox keeps message attributes of the type String alone, not %s of the type %s", name, a.DataType)
		}
		texts[name] = a.StringValue
	}
	return texts, nil
}

func attributesOf(texts map[string]string) map[string]attribute {
	attributes := map[string]attribute{}
	for name, text := range texts {
		attributes[name] = attribute{textType, text}
	}
	return attributes
}

// chosen are the message attributes that a receiver names: All or .*, a prefix
// that ends in .*, or a whole name.
func chosen(texts map[string]string, names []string) map[string]string {
	kept := maps.Clone(texts)
	maps.DeleteFunc(kept, func(text, _ string) bool {
		return !slices.ContainsFunc(names, func(name string) bool {
			prefix, open := strings.CutSuffix(name, ".*")
			return name == "All" || name == text || (open && strings.HasPrefix(text, prefix))
		})
	})
	return kept
}

// known are the attributes that SQS gives a message, as far as the account
// keeps them.
var known = map[string]func(cloud.Message) string{
	"ApproximateReceiveCount":  func(m cloud.Message) string { return strconv.Itoa(m.Receives) },
	"DeadLetterQueueSourceArn": func(m cloud.Message) string { return m.DeadLetterSource },
	"SentTimestamp":            func(m cloud.Message) string { return strconv.FormatInt(m.SentAt.UnixMilli(), 10) },
}

// systemAttributes picks the attributes that a receiver names, All for all.
func systemAttributes(names []string) (func(cloud.Message) map[string]string, error) {
	if slices.Contains(names, "All") {
		names = slices.Collect(maps.Keys(known))
	}
	for _, name := range names {
		if known[name] == nil {
			return nil, fmt.Errorf("the sandbox knows no attribute %s of a message", name)
		}
	}
	return func(m cloud.Message) map[string]string {
		values := map[string]string{}
		for _, name := range names {
			if value := known[name](m); value != "" {
				values[name] = value
			}
		}
		return values
	}, nil
}

func hexMD5(of []byte) string {
	sum := md5.Sum(of)
	return hex.EncodeToString(sum[:])
}

// attributesMD5 is the checksum of message attributes, empty where there are
// none: of each in the order of the names, length and text of name and type,
// 1 for a string, length and text of the value.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html#sqs-attributes-md5-message-digest-calculation
func attributesMD5(texts map[string]string) string {
	if len(texts) == 0 {
		return ""
	}
	var encoded []byte
	add := func(text string) {
		encoded = binary.BigEndian.AppendUint32(encoded, uint32(len(text)))
		encoded = append(encoded, text...)
	}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		add(name)
		add(textType)
		encoded = append(encoded, 1)
		add(texts[name])
	}
	return hexMD5(encoded)
}
