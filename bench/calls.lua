-- What wrk calls: as many buckets as it is told, all equally often, and not in the order of their names.
local stride = 7919 -- a prime: it meets every bucket of any number of them that is no multiple of it
local calls, count, at = {}, 0, 0

function init(args)
  count = tonumber(args[1])
  local shown = args[2] -- who calls; none where there is none
  for n = 0, count - 1 do
    calls[n] = wrk.format("GET", "/function/f", { ["X-FaDO-Bucket"] = "bucket-" .. n, ["Authorization"] = shown })
  end
end

function request()
  at = (at + stride) % count
  return calls[at]
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format(
    '\n{ "calls": %d, "microseconds": %d, "p50": %d, "p99": %d, "failed": %d }\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), failed
  ))
end
