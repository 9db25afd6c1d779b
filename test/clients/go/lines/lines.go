// Package lines carries commands of the test suites as lines of JSON; ../../process-client.ts has
// the protocol.
package lines

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sync"
)

// Commands that may wait for one member.
const waitingMax = 64

// A line may hold a produce request with large values, in base64.
const lineBytesMax = 256 << 20

// Header of a record; a nil value is null.
type Header struct {
	Name  string `json:"name"`
	Value []byte `json:"value"`
}

// ToProduce is a record for a producer; nil is null.
type ToProduce struct {
	Partition   *int32   `json:"partition"`
	Key         []byte   `json:"key"`
	Value       []byte   `json:"value"`
	Headers     []Header `json:"headers"`
	TimestampMs *int64   `json:"timestampMs"`
}

// Received is a record that was consumed.
type Received struct {
	Topic       string   `json:"topic"`
	Partition   int32    `json:"partition"`
	Offset      int64    `json:"offset"`
	Key         []byte   `json:"key"`
	Value       []byte   `json:"value"`
	Headers     []Header `json:"headers"`
	TimestampMs int64    `json:"timestampMs"`
}

// Place is a partition, and an offset where the command has one.
type Place struct {
	Topic     string `json:"topic"`
	Partition int32  `json:"partition"`
	Offset    int64  `json:"offset"`
}

// Owned is a partition of a member.
type Owned struct {
	Topic     string `json:"topic"`
	Partition int32  `json:"partition"`
}

// Produce asks for records to be written.
type Produce struct {
	Topic      string      `json:"topic"`
	Acks       int         `json:"acks"`
	Codec      string      `json:"codec"`
	Idempotent bool        `json:"idempotent"`
	Records    []ToProduce `json:"records"`
}

// ProduceTransaction asks for a record in a transaction of its own.
type ProduceTransaction struct {
	Topic           string `json:"topic"`
	TransactionalID string `json:"transactionalId"`
}

// Read asks for records from one offset on.
type Read struct {
	Place
	Count    int `json:"count"`
	WithinMs int `json:"withinMs"`
}

// Join asks for a membership.
type Join struct {
	Member     string   `json:"member"`
	Group      string   `json:"group"`
	Topics     []string `json:"topics"`
	Assignor   string   `json:"assignor"`
	InstanceID *string  `json:"instanceId"`
}

// Poll asks a member for records.
type Poll struct {
	Member     string `json:"member"`
	RecordsMax int    `json:"recordsMax"`
	WithinMs   int    `json:"withinMs"`
}

// Commit asks a member to commit.
type Commit struct {
	Member  string  `json:"member"`
	Offsets []Place `json:"offsets"`
}

// Member names one; with a place, for a seek.
type Member struct {
	Place
	Member string `json:"member"`
}

// Topic is what commands about topics have.
type Topic struct {
	Topic      string            `json:"topic"`
	Partitions int32             `json:"partitions"`
	Configs    map[string]string `json:"configs"`
}

// Group names one; with a place, for its committed offsets.
type Group struct {
	Place
	Group string `json:"group"`
}

// At asks for an offset by "earliest", "latest" or a time in ms.
type At struct {
	Place
	At any `json:"at"`
}

// Broker of a cluster.
type Broker struct {
	ID   int32  `json:"id"`
	Host string `json:"host"`
	Port int32  `json:"port"`
}

// Cluster is what a client sees of one.
type Cluster struct {
	Brokers      []Broker `json:"brokers"`
	ControllerID int32    `json:"controllerId"`
	ClusterID    *string  `json:"clusterId"`
}

// GroupSeen is what a client sees of a group.
type GroupSeen struct {
	Group   string `json:"group"`
	State   string `json:"state"`
	Members int    `json:"members"`
}

// Handler answers one command.
type Handler func(request []byte) (any, error)

// Handle makes a handler of a function of its request.
func Handle[Request any](do func(Request) (any, error)) Handler {
	return func(line []byte) (any, error) {
		var request Request
		if err := json.Unmarshal(line, &request); err != nil {
			return nil, err
		}
		return do(request)
	}
}

// Client is what answers the commands.
type Client struct {
	Version  string
	Commands map[string]Handler
	// CodeOf is Kafka's number of an error; nil where it has none.
	CodeOf func(error) *int
	// Close leaves all groups.
	Close func() error
}

type envelope struct {
	ID      int    `json:"id"`
	Command string `json:"command"`
	Member  string `json:"member"`
}

type failure struct {
	Code    *int   `json:"code"`
	Message string `json:"message"`
}

type server struct {
	client Client
	output sync.Mutex
}

// Serve answers commands until stdin ends, then closes the client. Commands of one member run one
// after another, all those without a member too; members do not wait for each other.
func Serve(client Client) error {
	s := &server{client: client}
	s.say(map[string]any{"ready": map[string]string{"version": client.Version}})
	var working sync.WaitGroup
	waiting := map[string]chan []byte{}
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(nil, lineBytesMax)
	for input.Scan() {
		line := append([]byte(nil), input.Bytes()...)
		var head envelope
		if err := json.Unmarshal(line, &head); err != nil {
			return err
		}
		commands, ok := waiting[head.Member]
		if !ok {
			commands = make(chan []byte, waitingMax)
			waiting[head.Member] = commands
			working.Add(1)
			go func() {
				defer working.Done()
				for command := range commands {
					s.run(command)
				}
			}()
		}
		commands <- line
		if head.Command == "leave" {
			// The name is free for another member.
			close(commands)
			delete(waiting, head.Member)
		}
	}
	for _, commands := range waiting {
		close(commands)
	}
	working.Wait()
	if err := input.Err(); err != nil {
		return err
	}
	return client.Close()
}

func (s *server) run(line []byte) {
	var head envelope
	var result any
	err := json.Unmarshal(line, &head)
	if err == nil {
		handler, ok := s.client.Commands[head.Command]
		if ok {
			result, err = handler(line)
		} else {
			err = fmt.Errorf("there is no command %s", head.Command)
		}
	}
	if err == nil {
		s.say(map[string]any{"id": head.ID, "result": result})
		return
	}
	fmt.Fprintf(os.Stderr, "%s: %v\n", head.Command, err)
	said := failure{s.client.CodeOf(err), err.Error()}
	s.say(map[string]any{"id": head.ID, "error": said})
}

func (s *server) say(line any) {
	text, err := json.Marshal(line)
	if err != nil {
		panic(err)
	}
	s.output.Lock()
	defer s.output.Unlock()
	if _, err := os.Stdout.Write(append(text, '\n')); err != nil {
		panic(err)
	}
}
