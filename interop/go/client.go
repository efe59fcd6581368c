// An old client in Go: stubs that protoc-gen-go 1.3 (2020) generates from the protocol files, grpc-go 1.27, and net/http.
//
// usage: client HOST:PORT SEVEN.json
//
// Prints a line for each check and ends with 1 if one failed.
package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io/ioutil"
	"math"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/golang/protobuf/ptypes"
	"github.com/golang/protobuf/ptypes/wrappers"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	framework "turnout.io/interop/go/stubs/framework"
	serving "turnout.io/interop/go/stubs/serving"
)

type client struct {
	predictions serving.PredictionServiceClient
	models      serving.ModelServiceClient
	base        string
	seven       []byte
	pixels      []float32
}

func main() {
	address := os.Args[1]
	seven, err := ioutil.ReadFile(os.Args[2])
	if err != nil {
		fail(err)
	}
	connection, err := grpc.Dial(address, grpc.WithInsecure())
	if err != nil {
		fail(err)
	}
	c := &client{
		predictions: serving.NewPredictionServiceClient(connection),
		models:      serving.NewModelServiceClient(connection),
		base:        "http://" + address + "/v1/models/",
		seven:       seven,
	}
	var body struct{ Instances [][][][]float32 }
	if err := json.Unmarshal(seven, &body); err != nil {
		fail(err)
	}
	for _, row := range body.Instances[0] {
		for _, pixel := range row {
			c.pixels = append(c.pixels, pixel[0])
		}
	}
	checks := []struct {
		name string
		run  func() error
	}{
		{"a seven is a seven on both backends and in both encodings", c.sevens},
		{"a version is answered by that version", c.version},
		{"an output filter leaves the rest out", c.filter},
		{"strings go in and come out", c.strings},
		{"metadata describes the signature", c.metadata},
		{"status lists both versions", c.status},
		{"an unknown model is not found", c.unknownModel},
		{"rest predicts", c.rest},
		{"rest tells status and errors", c.restStatus},
	}
	failed := false
	for _, check := range checks {
		if err := check.run(); err != nil {
			failed = true
			fmt.Printf("FAILED: go, %s - %v\n", check.name, err)
		} else {
			fmt.Printf("passed: go, %s\n", check.name)
		}
	}
	if failed {
		os.Exit(1)
	}
}

func fail(err error) {
	fmt.Println("FAILED: go,", err)
	os.Exit(1)
}

func (c *client) sevens() error {
	for _, model := range []string{"digits", "digits_onnx"} {
		for _, image := range []*framework.TensorProto{c.listed(), c.packed()} {
			answer, err := c.predict(ask(model, "image", image))
			if err != nil {
				return err
			}
			class := answer.Outputs["class"].GetInt64Val()
			if len(class) != 1 || class[0] != 7 || len(answer.Outputs["probabilities"].GetFloatVal()) != 10 {
				return fmt.Errorf("got %v", answer)
			}
			if answer.ModelSpec.GetVersion().GetValue() != 2 {
				return fmt.Errorf("answered by %v", answer.ModelSpec)
			}
		}
	}
	return nil
}

func (c *client) version() error {
	request := ask("digits", "image", c.packed())
	request.ModelSpec.VersionChoice = &serving.ModelSpec_Version{Version: &wrappers.Int64Value{Value: 1}}
	answer, err := c.predict(request)
	if err == nil && answer.ModelSpec.GetVersion().GetValue() != 1 {
		err = fmt.Errorf("answered by %v", answer.ModelSpec)
	}
	return err
}

func (c *client) filter() error {
	request := ask("digits", "image", c.packed())
	request.OutputFilter = []string{"class"}
	answer, err := c.predict(request)
	if err == nil && (len(answer.Outputs) != 1 || answer.Outputs["class"] == nil) {
		err = fmt.Errorf("got %v", answer)
	}
	return err
}

func (c *client) strings() error {
	text := shaped(framework.DataType_DT_STRING, 2)
	text.StringVal = [][]byte{[]byte("works well"), []byte("a waste of money")}
	answer, err := c.predict(ask("sentiment", "text", text))
	if err != nil {
		return err
	}
	labels := answer.Outputs["label"].GetStringVal()
	if len(labels) != 2 || string(labels[0]) != "positive" || string(labels[1]) != "negative" {
		return fmt.Errorf("got %v", answer)
	}
	return nil
}

func (c *client) metadata() error {
	ctx, cancel := timed()
	defer cancel()
	answer, err := c.predictions.GetModelMetadata(ctx, &serving.GetModelMetadataRequest{
		ModelSpec:     &serving.ModelSpec{Name: "digits"},
		MetadataField: []string{"signature_def"},
	})
	if err != nil {
		return err
	}
	var signatures serving.SignatureDefMap
	if err := ptypes.UnmarshalAny(answer.Metadata["signature_def"], &signatures); err != nil {
		return err
	}
	image := signatures.SignatureDef["serving_default"].GetInputs()["image"]
	if image.GetDtype() != framework.DataType_DT_FLOAT || len(image.GetTensorShape().GetDim()) != 4 {
		return fmt.Errorf("got %v", image)
	}
	return nil
}

func (c *client) status() error {
	ctx, cancel := timed()
	defer cancel()
	answer, err := c.models.GetModelStatus(ctx, &serving.GetModelStatusRequest{
		ModelSpec: &serving.ModelSpec{Name: "digits"},
	})
	if err != nil {
		return err
	}
	if len(answer.ModelVersionStatus) != 2 {
		return fmt.Errorf("got %v", answer)
	}
	for _, version := range answer.ModelVersionStatus {
		if version.State != serving.ModelVersionStatus_AVAILABLE {
			return fmt.Errorf("got %v", answer)
		}
	}
	return nil
}

func (c *client) unknownModel() error {
	_, err := c.predict(ask("nowhere", "x", shaped(framework.DataType_DT_FLOAT, 0)))
	if status.Code(err) != codes.NotFound {
		return fmt.Errorf("got %v", err)
	}
	return nil
}

func (c *client) rest() error {
	code, text, err := read(http.Post(c.base+"digits:predict", "application/json", bytes.NewReader(c.seven)))
	if err != nil {
		return err
	}
	var body struct{ Predictions []struct{ Class int } }
	if err := json.Unmarshal(text, &body); err != nil {
		return err
	}
	if code != 200 || len(body.Predictions) != 1 || body.Predictions[0].Class != 7 {
		return fmt.Errorf("got %d %s", code, text)
	}
	return nil
}

func (c *client) restStatus() error {
	code, text, err := read(http.Get(c.base + "digits/versions/1"))
	if err != nil || code != 200 || !strings.Contains(string(text), "AVAILABLE") {
		return fmt.Errorf("got %d %s %v", code, text, err)
	}
	code, text, err = read(http.Post(c.base+"digits:predict", "application/json", strings.NewReader("{}")))
	if err != nil || code != 400 || !strings.Contains(string(text), "Missing 'inputs' or 'instances' key") {
		return fmt.Errorf("got %d %s %v", code, text, err)
	}
	return nil
}

func read(response *http.Response, err error) (int, []byte, error) {
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	text, err := ioutil.ReadAll(response.Body)
	return response.StatusCode, text, err
}

func timed() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), 20*time.Second)
}

func (c *client) predict(request *serving.PredictRequest) (*serving.PredictResponse, error) {
	ctx, cancel := timed()
	defer cancel()
	return c.predictions.Predict(ctx, request)
}

func ask(model, input string, tensor *framework.TensorProto) *serving.PredictRequest {
	return &serving.PredictRequest{
		ModelSpec: &serving.ModelSpec{Name: model, SignatureName: "serving_default"},
		Inputs:    map[string]*framework.TensorProto{input: tensor},
	}
}

func (c *client) listed() *framework.TensorProto {
	tensor := shaped(framework.DataType_DT_FLOAT, 1, 8, 8, 1)
	tensor.FloatVal = c.pixels
	return tensor
}

func (c *client) packed() *framework.TensorProto {
	tensor := shaped(framework.DataType_DT_FLOAT, 1, 8, 8, 1)
	for _, pixel := range c.pixels {
		var four [4]byte
		binary.LittleEndian.PutUint32(four[:], math.Float32bits(pixel))
		tensor.TensorContent = append(tensor.TensorContent, four[:]...)
	}
	return tensor
}

func shaped(dtype framework.DataType, sizes ...int64) *framework.TensorProto {
	shape := &framework.TensorShapeProto{}
	for _, size := range sizes {
		shape.Dim = append(shape.Dim, &framework.TensorShapeProto_Dim{Size: size})
	}
	return &framework.TensorProto{Dtype: dtype, TensorShape: shape}
}
