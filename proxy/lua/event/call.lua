-- A call as an event of AWS Lambda (payload format 2.0), as the function URLs of Lambda make it:
-- https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html

-- Of the metadata in which is noted what its answer must know of a call, and Envoy tells of it.
local namespace = "fado.event"

local textual = { "^text/", "json", "xml", "javascript", "^application/x%-www%-form%-urlencoded" }
local function is_text(content_type, content_encoding)
  if content_encoding ~= nil then return false end
  for _, pattern in ipairs(textual) do
    if string.find(string.lower(content_type or ""), pattern) then return true end
  end
  return false
end

local function decoded(text)
  return (string.gsub(string.gsub(text, "%+", " "), "%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

local function add(map, name, value)
  if map[name] == nil then map[name] = value else map[name] = map[name] .. "," .. value end
end

local function parameters(query)
  local found = {}
  for pair in string.gmatch(query, "[^&]+") do
    local name, value = string.match(pair, "^([^=]*)=?(.*)$")
    add(found, decoded(name), decoded(value))
  end
  return found
end

-- Headers by name and cookies, as the client sent them.
local function of_headers(headers, original)
  local found, cookies = {}, {}
  for name, value in pairs(headers) do
    if name == "cookie" then
      for cookie in string.gmatch(value, "[^;]+") do cookies[#cookies + 1] = string.match(cookie, "^%s*(.-)%s*$") end
    elseif string.sub(name, 1, 1) ~= ":" and name ~= "x-fado-identity" then
      add(found, name, value)
    end
  end
  found.host = original[":authority"]
  return found, cookies
end

local function event(handle, headers, original, body)
  local name, rest, query = string.match(original[":path"], "^/function/([^/?]*)([^?]*)%??(.*)$")
  local path = rest == "" and "/" or rest
  local sent, cookies = of_headers(headers, original)
  local text = body == "" or (is_text(sent["content-type"], sent["content-encoding"]) and is_utf8(body))
  local now = os.time()
  local context = {
    '"accountId":"anonymous","apiId":"fado","domainPrefix":"fado","routeKey":"$default","stage":"$default"',
    '"domainName":' .. quote(sent.host or ""),
    '"requestId":' .. quote(sent["x-request-id"] or ""),
    '"time":' .. quote(os.date("!%d/%b/%Y:%H:%M:%S +0000", now)),
    '"timeEpoch":' .. string.format("%d000", now),
    '"http":' .. object({
      method = original[":method"],
      path = path,
      protocol = "HTTP/1.1",
      sourceIp = string.match(sent["x-forwarded-for"] or "", "([^,%s]+)%s*$") or "",
      userAgent = sent["user-agent"] or "",
    }),
  }
  local members = {
    '"version":"2.0","routeKey":"$default"',
    '"rawPath":' .. quote(path),
    '"rawQueryString":' .. quote(query),
    '"headers":' .. object(sent),
    '"requestContext":{' .. table.concat(context, ",") .. "}",
    '"isBase64Encoded":' .. tostring(not text),
  }
  if #cookies > 0 then members[#members + 1] = '"cookies":' .. list(cookies) end
  if query ~= "" then members[#members + 1] = '"queryStringParameters":' .. object(parameters(query)) end
  if body ~= "" then members[#members + 1] = '"body":' .. (text and quote(body) or quote(handle:base64Escape(body))) end
  return "{" .. table.concat(members, ",") .. "}"
end

function envoy_on_request(handle)
  local headers = handle:headers()
  local payload = headers:get("x-fado-payload")
  headers:remove("x-fado-payload")
  handle:streamInfo():dynamicMetadata():set(namespace, "payload", payload or "")
  if payload ~= "event" then return end
  local buffer = handle:body(true)
  -- What was held before the body was there must not be used any more.
  local original = handle:streamInfo():dynamicMetadata():get("fado.original")
  buffer:setBytes(event(handle, handle:headers(), original, buffer:getBytes(0, buffer:length())))
  handle:headers():replace("content-type", "application/json")
  handle:headers():remove("content-encoding")
end
