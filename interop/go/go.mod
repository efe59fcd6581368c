module turnout.io/interop/go

go 1.13

require (
	github.com/golang/protobuf v1.3.5
	google.golang.org/grpc v1.27.1
)
