#!/usr/bin/env python3
"""What a call costs through Turnout, beside the raw session loop and a bare Vert.x handler, in one run.

Usage: bench/server.py [--seconds 5] [--part doors|picture|all] [--build] [--ghz PATH]
(from the repository's root; needs wrk; ghz for the gRPC rows; builds what is not there, all of it with --build)

Two parts: `doors` has a tiny and a heavy model at each door, beside the session loop and the bare handler; `picture` has one image of
224 by 224 by 3 floats as JSON, as binary and over gRPC, to a model that takes its mean.

Everything is given as a ratio: requests per second to the session loop's runs per second (1.00 = no loss), and CPU time of the
server per call to the bare handler's (1.00 = as cheap as a server that does nothing). Absolute figures are printed for reading the
ratios, not for quoting.
"""
import argparse
import json
import math
import os
import pathlib
import random
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")
CONCURRENCY = (1, 8, 64)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def cpu_seconds(pid):
    fields = pathlib.Path("/proc/%d/stat" % pid).read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def start(command, ready):
    # What is to be built was built before.
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                               start_new_session=True, env=dict(os.environ, TURNOUT_BUILD="never"))
    for line in process.stdout:
        if ready in line:
            return process
    sys.exit("%s ended before it was ready" % command[0])


def class_path():
    return "%s:%s/*" % (ROOT / "bench/target/turnout-bench-0.1.0-SNAPSHOT.jar", ROOT / "bench/target/lib")


def session_loop(model, feed, threads, seconds):
    out = subprocess.run(["java", "-cp", class_path(), "turnout.bench.SessionLoop", str(model), feed, str(threads),
                          str(seconds)], check=True, capture_output=True, text=True)
    return float(out.stdout.split()[-1])


def wrk(url, body, concurrency, seconds, pid, header_length=""):
    env = dict(os.environ, BODY=str(body), HEADER_LENGTH=str(header_length))
    before = cpu_seconds(pid)
    out = subprocess.run(["wrk", "-t1", "-c%d" % concurrency, "-d%ds" % seconds, "--timeout", "30s",
                          "-s", str(ROOT / "bench/wrk/post.lua"), url],
                         env=env, check=True, capture_output=True, text=True, timeout=seconds + 60)
    requests, micros, errors, p50, p99 = map(int, out.stderr.split()[-5:])
    if errors:
        sys.exit("%d of %d requests to %s failed" % (errors, requests, url))
    return {"rate": requests * 1e6 / micros, "cpu": (cpu_seconds(pid) - before) * 1e6 / max(1, requests),
            "p50": p50, "p99": p99}


def ghz(binary, port, message, concurrency, seconds, pid):
    """The message is JSON, or bytes as they go over the wire where the file's name ends in .pb."""
    before = cpu_seconds(pid)
    out = subprocess.run([binary, "--insecure", "--proto", "open_inference.proto", "--import-paths",
                          str(ROOT / "protocols/src/main/protobuf"), "--call", "inference.GRPCInferenceService/ModelInfer",
                          "-B" if message.suffix == ".pb" else "-D", str(message), "-c", str(concurrency), "--connections", str(min(concurrency, 8)),
                          "-z", "%ds" % seconds, "-O", "json", "127.0.0.1:%d" % port],
                         cwd=ROOT / "protocols/src/main/protobuf", check=True, capture_output=True, text=True,
                         timeout=seconds + 60)
    report = json.loads(out.stdout)
    count = report["count"]
    spread = {d["percentage"]: d["latency"] // 1000 for d in report.get("latencyDistribution") or []}
    return {"rate": report["rps"], "cpu": (cpu_seconds(pid) - before) * 1e6 / max(1, count),
            "p50": spread.get(50, 0), "p99": spread.get(99, 0)}


def bodies(folder, model, inputs):
    """The same question in three spellings: TensorFlow Serving JSON, V2 binary, V2 gRPC (as JSON for ghz)."""
    rest = folder / (model + ".tfs.json")
    rest.write_text(json.dumps({"inputs": {name: nested(values, shape) for name, _, shape, values in inputs}}))
    head, tail = {"inputs": []}, b""
    for name, dtype, shape, values in inputs:
        raw = struct.pack("<%d%s" % (len(values), "f" if dtype == "FP32" else "i"), *values)
        head["inputs"].append({"name": name, "datatype": dtype, "shape": shape,
                               "parameters": {"binary_data_size": len(raw)}})
        tail += raw
    head["parameters"] = {"binary_data_output": True}
    text = json.dumps(head).encode()
    binary = folder / (model + ".v2.bin")
    binary.write_bytes(text + tail)
    message = folder / (model + ".grpc.json")
    message.write_text(json.dumps({"model_name": model, "inputs": [
        {"name": name, "datatype": dtype, "shape": shape,
         "contents": {"fp32_contents" if dtype == "FP32" else "int_contents": values}}
        for name, dtype, shape, values in inputs]}))
    return rest, binary, len(text), message


def nested(values, shape):
    if len(shape) <= 1:
        return values
    step = len(values) // shape[0]
    return [nested(values[i * step:(i + 1) * step], shape[1:]) for i in range(shape[0])]


def packed(number, *parts):
    """A field of a protobuf message that is a text, bytes or a message itself."""
    value = b"".join(part.encode() if isinstance(part, str) else part for part in parts)
    return varint(number << 3 | 2) + varint(len(value)) + value


def varint(value):
    out = bytearray()
    while value > 0x7f:
        out.append(value & 0x7f | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def picture_bodies(folder):
    """One image, its numbers with all the digits of a double in the text forms."""
    shape = [1, 224, 224, 3]
    numbers = random.Random(224)
    values = [numbers.random() for _ in range(math.prod(shape))]
    rest, binary, head, _ = bodies(folder, "picture_onnx", [("x", "FP32", shape, values)])
    rows = folder / "picture.rows.json"
    rows.write_text(json.dumps({"instances": nested(values, shape)}))
    text = folder / "picture.v2.json"
    text.write_text(json.dumps({"inputs": [{"name": "x", "datatype": "FP32", "shape": shape, "data": values}]}))
    message = folder / "picture.pb"
    message.write_bytes(
        packed(1, "picture_onnx")
        + packed(5, packed(1, "x"), packed(2, "FP32"), packed(3, *map(varint, shape)))
        + packed(7, struct.pack("<%df" % len(values), *values)))
    return rows, text, binary, head, message


def compare_picture(args, folder, port, turnout):
    rows, text, binary, head, message = picture_bodies(folder)
    base = "http://127.0.0.1:%d" % port
    infer = base + "/v2/models/picture_onnx/infer"
    doors = {
        "Open Inference REST, binary": (binary, lambda c: wrk(infer, binary, c, args.seconds, turnout.pid, head)),
        "Open Inference REST, JSON": (text, lambda c: wrk(infer, text, c, args.seconds, turnout.pid)),
        "TensorFlow Serving REST, JSON":
            (rows, lambda c: wrk(base + "/v1/models/picture_onnx:predict", rows, c, args.seconds, turnout.pid)),
    }
    if args.ghz:
        doors["Open Inference gRPC"] = (message, lambda c: ghz(args.ghz, port, message, c, args.seconds, turnout.pid))
    for _, door in doors.values():
        door(4)  # warm the paths before any of them is measured
    print("| door | body, kB | concurrency | requests/s | of binary | CPU of binary | p50 µs | p99 µs |")
    print("|---|---|---|---|---|---|---|---|")
    for concurrency in (1, 8):
        first = None
        for name, (body, door) in doors.items():
            seen = door(concurrency)
            first = first or seen
            print("| %s | %d | %d | %.0f | %.2f | %.1f | %d | %d |"
                  % (name, body.stat().st_size // 1000, concurrency, seen["rate"], seen["rate"] / first["rate"],
                     seen["cpu"] / max(1, first["cpu"]), seen["p50"], seen["p99"]), flush=True)


def build(everything):
    if everything or not pathlib.Path(class_path().split(":")[0]).exists():
        subprocess.run(["mvn", "-q", "-B", "-Pbench", "-pl", "bench", "-am", "-DskipTests", "package"], cwd=ROOT, check=True)
    if everything or not (ROOT / "dist/target/turnout/built").exists():
        subprocess.run(["./turnout", "plugins"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def compare_doors(args, folder, models, port, turnout):
    cores = os.cpu_count() or 1
    bare_port = free_port()
    bare = start(["java", "-Xmx256m", "-cp", class_path(), "turnout.bench.BareHandler", str(bare_port), "300"],
                 "bare handler ready")
    try:
        questions = {
            "tiny": ("digits_onnx", models / "digits_onnx/2/model.onnx", "digits",
                     [("image", "FP32", [1, 8, 8, 1], [float(i % 17) for i in range(64)])]),
            "heavy": ("slow_matrix_onnx", models / "slow_matrix_onnx/1/model.onnx", "steps=%d" % args.heavy_steps,
                      [("x", "FP32", [1, 8], [1.0] * 8), ("n", "INT32", [1], [args.heavy_steps])]),
        }
        print("| model | concurrency | door | of the session loop | CPU against bare handler | p50 µs | p99 µs |")
        print("|---|---|---|---|---|---|---|")
        for label, (model, file, feed, inputs) in questions.items():
            rest, binary, head, message = bodies(folder, model, inputs)
            base = "http://127.0.0.1:%d" % port
            doors = {
                "TensorFlow Serving REST, JSON":
                    lambda c, s: wrk("%s/v1/models/%s:predict" % (base, model), rest, c, s, turnout.pid),
                "Open Inference REST, binary":
                    lambda c, s: wrk("%s/v2/models/%s/infer" % (base, model), binary, c, s, turnout.pid, head),
            }
            if args.ghz:
                doors["Open Inference gRPC"] = lambda c, s: ghz(args.ghz, port, message, c, s, turnout.pid)
            for door in doors.values():
                door(8, args.seconds)  # warm the paths before any of them is measured
            for concurrency in CONCURRENCY:
                loop = session_loop(file, feed, min(concurrency, cores), args.seconds)
                floor = wrk("http://127.0.0.1:%d/" % bare_port, binary, concurrency, args.seconds, bare.pid, head)
                print("| %s | %d | session loop, %d threads: %.0f/s; bare handler: %.0f/s, %.0f µs CPU | 1.00 | 1.00 | %d | %d |"
                      % (label, concurrency, min(concurrency, cores), loop, floor["rate"], floor["cpu"],
                         floor["p50"], floor["p99"]))
                for name, door in doors.items():
                    seen = door(concurrency, args.seconds)
                    print("| %s | %d | %s | %.2f | %.1f | %d | %d |"
                          % (label, concurrency, name, seen["rate"] / loop, seen["cpu"] / floor["cpu"], seen["p50"],
                             seen["p99"]), flush=True)
    finally:
        stop(bare)


def stop(process):
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--part", choices=("doors", "picture", "all"), default="all")
    parser.add_argument("--build", action="store_true", help="build everything first, not only what is missing")
    parser.add_argument("--ghz", default=shutil.which("ghz"))
    parser.add_argument("--heavy-steps", type=int, default=2000)
    args = parser.parse_args()
    build(args.build)
    with tempfile.TemporaryDirectory(prefix="turnout-bench-") as scratch:
        folder = pathlib.Path(scratch)
        models = folder / "models"
        shutil.copytree(ROOT / "samples/models/digits_onnx", models / "digits_onnx")
        for model in ("slow_matrix_onnx", "picture_onnx"):
            shutil.copytree(ROOT / "testmodels/models" / model, models / model)
        port = free_port()
        turnout = start(["./turnout", "serve", "--models", str(models), "--listen", "127.0.0.1:%d" % port,
                         "--admin", "off"], "turnout ready")
        try:
            if args.part != "doors":
                compare_picture(args, folder, port, turnout)
            if args.part != "picture":
                compare_doors(args, folder, models, port, turnout)
        finally:
            stop(turnout)


if __name__ == "__main__":
    main()
