-- The first argument is the JSON body of POST requests.
init = function(arguments)
  if arguments[1] then
    wrk.method, wrk.body, wrk.headers["Content-Type"] = "POST", arguments[1], "application/json"
  end
end

-- What wrk found out, as one JSON line: its own table rounds, and leaves out what is zero.
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"seconds":%.6f,"p99_ms":%.3f,"status":%d,"connect":%d,"read":%d,"write":%d,"timeout":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(99) / 1e3,
    e.status, e.connect, e.read, e.write, e.timeout))
end
