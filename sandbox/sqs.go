package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/grafanix/eks-karpenter/sandbox/internal/sqsapi"
)

// SQSEndpoint serves the queues of one region to the AWS SDKs, over HTTP on the
// loopback interface.
type SQSEndpoint struct {
	server *http.Server
	url    string
	done   chan error
	end    context.CancelFunc // ends receivers that wait
}

// ServeSQS serves the queues of a client's region until Close, on behalf of
// the client's principal; see [Client.As]. An SDK takes the endpoint's URL in
// place of SQS's, with any credentials: requests are not authenticated, and
// pass for requests over TLS.
//
// It has GetQueueUrl, SendMessage, ReceiveMessage, ChangeMessageVisibility and
// DeleteMessage of SQS's JSON protocol, and refuses what it does not have by
// name. Queues have the URLs that the account gives them. Receivers that poll
// long wait in real time, while messages go by the account's clock.
func ServeSQS(client *Client) (*SQSEndpoint, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("serving SQS: %w", err)
	}
	serving, end := context.WithCancel(context.Background())
	endpoint := &SQSEndpoint{
		server: &http.Server{
			Handler:           sqsapi.Handler(client),
			BaseContext:       func(net.Listener) context.Context { return serving },
			ReadHeaderTimeout: time.Minute,
		},
		url:  "http://" + listener.Addr().String(),
		done: make(chan error, 1),
		end:  end,
	}
	go func() {
		endpoint.done <- endpoint.server.Serve(listener)
		close(endpoint.done)
	}()
	return endpoint, nil
}

// URL is the endpoint's own, http://127.0.0.1:<port>.
func (e *SQSEndpoint) URL() string { return e.url }

// Close stops serving. Receivers that wait get no message, and every other
// request under way its answer. Closing twice is no error.
func (e *SQSEndpoint) Close() error {
	e.end()
	if err := e.server.Shutdown(context.Background()); err != nil {
		return err
	}
	if err := <-e.done; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
