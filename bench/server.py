#!/usr/bin/env python3
"""What a call costs through Turnout, beside the raw session loop and a bare Vert.x handler, in one run.

Usage: bench/server.py [--seconds 5] [--ghz PATH]     (from the repository's root; needs wrk; ghz for the gRPC rows)

Everything is given as a ratio: requests per second to the session loop's runs per second (1.00 = no loss), and CPU time of the
server per call to the bare handler's (1.00 = as cheap as a server that does nothing). Absolute figures are printed for reading the
ratios, not for quoting.
"""
import argparse
import json
import os
import pathlib
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
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                               start_new_session=True)
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
    before = cpu_seconds(pid)
    out = subprocess.run([binary, "--insecure", "--proto", "open_inference.proto", "--import-paths",
                          str(ROOT / "protocols/src/main/protobuf"), "--call", "inference.GRPCInferenceService/ModelInfer",
                          "-D", str(message), "-c", str(concurrency), "--connections", str(min(concurrency, 8)),
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


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--ghz", default=shutil.which("ghz"))
    parser.add_argument("--heavy-steps", type=int, default=2000)
    args = parser.parse_args()
    cores = os.cpu_count() or 1
    subprocess.run(["mvn", "-q", "-B", "-Pbench", "-pl", "bench", "-am", "-DskipTests", "package"], cwd=ROOT, check=True)
    with tempfile.TemporaryDirectory(prefix="turnout-bench-") as scratch:
        folder = pathlib.Path(scratch)
        models = folder / "models"
        shutil.copytree(ROOT / "samples/models/digits_onnx", models / "digits_onnx")
        shutil.copytree(ROOT / "testmodels/models/slow_matrix_onnx", models / "slow_matrix_onnx")
        port, bare_port = free_port(), free_port()
        turnout = start(["./turnout", "serve", "--models", str(models), "--listen", "127.0.0.1:%d" % port,
                         "--admin", "off"], "turnout ready")
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
            for process in (turnout, bare):
                os.killpg(process.pid, signal.SIGTERM)
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
