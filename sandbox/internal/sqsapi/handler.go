// Package sqsapi serves the messages of an account's queues over SQS's JSON
// protocol, as the AWS SDKs speak it: AWS JSON 1.0, with the operation in the
// header X-Amz-Target and the error codes of the older query protocol in
// x-amzn-query-error.
//
// https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html
// https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
package sqsapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

const (
	targetPrefix = "AmazonSQS."
	contentType  = "application/x-amz-json-1.0"
	// maxBody holds the largest message of SQS, 1 MiB, with every byte escaped.
	maxBody = 8 << 20
)

// operation answers a request's body.
type operation func(ctx context.Context, client *cloud.Client, body []byte) (any, error)

// operations are those that are served, by their names.
var operations = map[string]operation{
	"ChangeMessageVisibility": answer(changeMessageVisibility),
	"DeleteMessage":           answer(deleteMessage),
	"GetQueueUrl":             answer(getQueueURL),
	"ReceiveMessage":          answer(receiveMessage),
	"SendMessage":             answer(sendMessage),
}

// Handler serves the queues of a client's region on behalf of the client's
// principal, whoever signed the request: signatures are not checked.
func Handler(client *cloud.Client) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		var out any
		if err == nil {
			out, err = operate(r.Context(), client, r.Header.Get("X-Amz-Target"), body)
		}
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("x-amzn-RequestId", cloud.RequestID)
		if err != nil {
			refuse(w, err)
			return
		}
		write(w, http.StatusOK, out)
	})
}

func operate(ctx context.Context, client *cloud.Client, target string, body []byte) (any, error) {
	name, ok := strings.CutPrefix(target, targetPrefix)
	if !ok {
		return nil, errors.New("the sandbox serves SQS by its JSON protocol alone: the header X-Amz-Target names no operation of it")
	}
	operation, ok := operations[name]
	if !ok {
		return nil, fmt.Errorf("the sandbox does not serve the operation %s of SQS", name)
	}
	return operation(ctx, client.Once(ctx), body)
}

// answer makes an operation of a function of its parameters. A parameter that
// the function does not have is refused by name.
func answer[In, Out any](operate func(context.Context, *cloud.Client, In) (Out, error)) operation {
	return func(ctx context.Context, client *cloud.Client, body []byte) (any, error) {
		var in In
		decoder := json.NewDecoder(bytes.NewReader(body))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&in); err != nil {
			return nil, fmt.Errorf("the sandbox does not take these parameters: %w", err)
		}
		return operate(ctx, client, in)
	}
}

// write answers with JSON, or with nothing where an operation has no answer.
func write(w http.ResponseWriter, status int, answer any) {
	var body []byte
	if answer != (none{}) {
		var err error
		if body, err = json.Marshal(answer); err != nil {
			status, body = http.StatusInternalServerError, nil
		}
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // who is gone needs no answer
}

// shapes are the names of errors in the JSON protocol whose codes in the query
// protocol, which the account knows, are others.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html#API_ReceiveMessage_Errors
var shapes = map[string]string{
	"AWS.SimpleQueueService.NonExistentQueue":     "com.amazonaws.sqs#QueueDoesNotExist",
	"AWS.SimpleQueueService.UnsupportedOperation": "com.amazonaws.sqs#UnsupportedOperation",
	"AccessDenied": "com.amazon.coral.service#AccessDeniedException",
}

// refuse answers with an error: the account's refusals are AWS's, all others
// are the sandbox's own, which SQS would call unsupported.
func refuse(w http.ResponseWriter, err error) {
	refusal := &cloud.Error{}
	if !errors.As(err, &refusal) {
		refusal = &cloud.Error{Code: "AWS.SimpleQueueService.UnsupportedOperation", Message: err.Error()}
	}
	shape, ok := shapes[refusal.Code]
	if !ok {
		shape = "com.amazonaws.sqs#" + refusal.Code
	}
	fault, status := "Sender", refusal.Status()
	if status >= http.StatusInternalServerError {
		fault = "Receiver"
	}
	w.Header().Set("x-amzn-query-error", refusal.Code+";"+fault)
	write(w, status, map[string]string{"__type": shape, "message": refusal.Message})
}
