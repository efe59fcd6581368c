-- Posts the file named by BODY; HEADER_LENGTH is set for bodies in the binary form of the Open Inference Protocol.
local file = assert(io.open(os.getenv("BODY"), "rb"))
wrk.method = "POST"
wrk.body = file:read("*a")
file:close()
wrk.headers["Content-Type"] = "application/json"
local length = os.getenv("HEADER_LENGTH")
if length and length ~= "" then
  wrk.headers["Inference-Header-Content-Length"] = length
  wrk.headers["Content-Type"] = "application/octet-stream"
end

function done(summary, latency, requests)
  io.stderr:write(string.format("%d %d %d %d %d\n", summary.requests, summary.duration,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
