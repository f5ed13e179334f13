-- Posts the files that BODIES names, one after another; "@n@" in a body becomes a number of its own in each request.
local bodies = {}
for name in os.getenv("BODIES"):gmatch("[^:]+") do
  local file = assert(io.open(name, "rb"))
  bodies[#bodies + 1] = file:read("*a")
  file:close()
end
local number = math.floor(os.time() % 100000) * 10000
local headers = { ["Content-Type"] = "application/json" }
request = function()
  number = number + 1
  local body = bodies[number % #bodies + 1]
  local at, past = body:find("@n@", 1, true)
  if at then body = body:sub(1, at - 1) .. number .. body:sub(past + 1) end
  return wrk.format("POST", nil, headers, body)
end
done = function(summary, latency)
  io.write(string.format("BENCH %d %d %d %d %d\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99),
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout))
end
