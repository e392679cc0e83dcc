-- wrk posts the bodies of a file, one a line, over and over. Usage: wrk ... -s post.lua URL -- FILE
local requests, place = {}, 0

function init(args)
  wrk.headers["Content-Type"] = "application/json"
  for body in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("POST", nil, nil, body)
  end
end

function request()
  place = place % #requests + 1
  return requests[place]
end

function done(summary, latency)
  local refused = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format("\nfound %d %d %d %d %d\n", summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), refused))
end
