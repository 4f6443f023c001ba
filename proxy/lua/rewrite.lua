-- Sets a call's path, host and method as the deployment that was chosen wants them, on every try. A retry runs on the headers
-- that the try before it has changed, and may go to a deployment of another form: so what the client sent is kept at the first
-- try, and each later one starts from it. Before this stand `touched`, the headers that later filters set, and `identity_header`.

local own = "fado.original"
-- Where the access log finds the function, for the path is another one by then. It takes the whole of it, up to Envoy 1.38 at
-- least, so it is cut here: no function that FaDO has is called so.
local told = "fado"
local longest_told = 200

local function keep(headers, kept)
  kept:set(own, ":path", headers:get(":path"))
  kept:set(own, ":authority", headers:get(":authority"))
  kept:set(own, ":method", headers:get(":method"))
  local name = string.match(headers:get(":path"), "^/function/([^/?]+)")
  if name ~= nil then kept:set(told, "function", string.sub(name, 1, longest_told)) end
  for _, name in ipairs(touched) do
    local value = headers:get(name)
    if value ~= nil then kept:set(own, name, value) end
  end
end

local function restore(headers, original)
  headers:replace(":path", original[":path"])
  headers:replace(":authority", original[":authority"])
  headers:replace(":method", original[":method"])
  for _, name in ipairs(touched) do
    if original[name] ~= nil then headers:replace(name, original[name]) else headers:remove(name) end
  end
  headers:remove(identity_header)
end

local function refuse(handle)
  handle:respond(
    { [":status"] = "404", ["content-type"] = "application/problem+json" },
    '{"type":"urn:fado:problem:no-function","title":"Not a function","status":404,'
      .. '"detail":"The platform that was chosen has no functions of such names."}'
  )
end

function envoy_on_request(handle)
  local headers = handle:headers()
  local wishes = headers:get("x-fado-upstream")
  headers:remove("x-fado-upstream")
  local kept = handle:streamInfo():dynamicMetadata()
  local original = kept:get(own)
  if original == nil then keep(headers, kept) else restore(headers, original) end
  if wishes == nil or wishes == "" or wishes == "-" then return end

  local path, host, payload, names, identity = string.match(wishes, "^(%S+) (%S+) (%S+) (%S+) (%S+)$")
  local name, rest, query = string.match(headers:get(":path"), "^/function/([^/?]*)([^?]*)(.*)$")
  if not string.find(name, "^" .. names .. "$") then return refuse(handle) end
  local values = { name = name, rest = rest }
  local function fill(template) return (string.gsub(template, "{(%w+)}", values)) end
  if payload == "http" then
    path = fill(path)
    headers:replace(":path", (path == "" and "/" or path) .. query)
  else
    headers:replace(":path", fill(path))
    headers:replace(":method", "POST")
    headers:replace("x-fado-payload", payload)
  end
  if host ~= "-" then headers:replace(":authority", fill(host)) end
  if identity ~= "-" then headers:replace(identity_header, fill(identity)) end
end
