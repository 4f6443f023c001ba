-- A call as an event of AWS Lambda (payload format 2.0), and what the function returns as an answer, as the function URLs of
-- Lambda do it: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html

local ffi = require("ffi")
local bit = require("bit")
local own = "fado.event"

-- JSON

local escapes = { ["\127"] = "\\u007f" }
for i = 0, 31 do escapes[string.char(i)] = string.format("\\u%04x", i) end
for char, escaped in pairs({ ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }) do
  escapes[char] = escaped
end
local function quote(text) return '"' .. string.gsub(text, '[%c"\\]', escapes) .. '"' end

local function object(map)
  local members = {}
  for name, value in pairs(map) do members[#members + 1] = quote(name) .. ":" .. quote(value) end
  table.sort(members)
  return "{" .. table.concat(members, ",") .. "}"
end

local function list(values)
  local quoted = {}
  for i, value in ipairs(values) do quoted[i] = quote(value) end
  return "[" .. table.concat(quoted, ",") .. "]"
end

local function utf8(code)
  if code < 0x80 then return string.char(code) end
  if code < 0x800 then return string.char(0xC0 + bit.rshift(code, 6), 0x80 + bit.band(code, 63)) end
  if code < 0x10000 then
    return string.char(0xE0 + bit.rshift(code, 12), 0x80 + bit.band(bit.rshift(code, 6), 63), 0x80 + bit.band(code, 63))
  end
  return string.char(
    0xF0 + bit.rshift(code, 18),
    0x80 + bit.band(bit.rshift(code, 12), 63),
    0x80 + bit.band(bit.rshift(code, 6), 63),
    0x80 + bit.band(code, 63)
  )
end

local unescapes = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t", ['"'] = '"', ["\\"] = "\\", ["/"] = "/" }
local deepest = 100

-- The value of a JSON text. Raises an error where it is none.
local function parse(text)
  local at = 1
  local value

  local function space() at = string.find(text, "[^ \t\r\n]", at) or #text + 1 end

  local function code_unit()
    local hex = string.match(text, "^%x%x%x%x", at + 1)
    at = at + 5
    return tonumber(hex, 16)
  end

  -- `at` is after the opening quote.
  local function text_value()
    local parts = {}
    while true do
      local stop = string.find(text, '["\\]', at)
      parts[#parts + 1] = string.sub(text, at, stop - 1)
      at = stop + 1
      if string.sub(text, stop, stop) == '"' then return table.concat(parts) end
      local char = string.sub(text, at, at)
      if char == "u" then
        local code = code_unit()
        if code >= 0xD800 and code < 0xDC00 and string.sub(text, at, at + 1) == "\\u" then
          at = at + 1
          code = 0x10000 + (code - 0xD800) * 0x400 + (code_unit() - 0xDC00)
        end
        parts[#parts + 1] = utf8(code)
      else
        parts[#parts + 1] = assert(unescapes[char])
        at = at + 1
      end
    end
  end

  -- Members of an object or a list, up to its closing bracket.
  local function members(close, member)
    at = at + 1
    space()
    if string.sub(text, at, at) == close then
      at = at + 1
      return
    end
    while true do
      member()
      space()
      local char = string.sub(text, at, at)
      at = at + 1
      if char == close then return end
      assert(char == ",")
      space()
    end
  end

  local words = { t = { "true", true }, f = { "false", false }, n = { "null", nil } }

  function value(depth)
    assert(depth < deepest)
    local char = string.sub(text, at, at)
    if char == '"' then
      at = at + 1
      return text_value()
    end
    if char == "{" then
      local found = {}
      members("}", function()
        assert(string.sub(text, at, at) == '"')
        at = at + 1
        local name = text_value()
        space()
        assert(string.sub(text, at, at) == ":")
        at = at + 1
        space()
        found[name] = value(depth + 1)
      end)
      return found
    end
    if char == "[" then
      local found = {}
      local count = 0
      members("]", function()
        count = count + 1
        found[count] = value(depth + 1)
      end)
      return found
    end
    local word = words[char]
    if word ~= nil then
      assert(string.sub(text, at, at + #word[1] - 1) == word[1])
      at = at + #word[1]
      return word[2]
    end
    local number = assert(string.match(text, "^-?%d+%.?%d*[eE]?[+-]?%d*", at))
    at = at + #number
    return assert(tonumber(number))
  end

  space()
  local found = value(0)
  space()
  assert(at == #text + 1)
  return found
end

-- Bytes

local digits = {}
for i = 1, 64 do
  digits[string.byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", i)] = i - 1
end

-- nil where it is no base64.
local function from_base64(text)
  local clean = string.gsub(text, "[\r\n=]", "")
  local length = math.floor(#clean * 3 / 4)
  local bytes = ffi.new("uint8_t[?]", length + 3)
  local at, held, held_bits = 0, 0, 0
  for i = 1, #clean do
    local digit = digits[string.byte(clean, i)]
    if digit == nil then return nil end
    held = bit.bor(bit.lshift(held, 6), digit)
    held_bits = held_bits + 6
    if held_bits >= 8 then
      held_bits = held_bits - 8
      bytes[at] = bit.band(bit.rshift(held, held_bits), 255)
      held = bit.band(held, bit.lshift(1, held_bits) - 1)
      at = at + 1
    end
  end
  return ffi.string(bytes, at)
end

-- Whether it is UTF-8.
local function is_utf8(text)
  local at = string.find(text, "[\128-\255]")
  while at ~= nil and at <= #text do
    local first = string.byte(text, at)
    local more, least, most = 0, 0x80, 0xBF
    if first < 0x80 then
      more = 0
    elseif first >= 0xC2 and first <= 0xDF then
      more = 1
    elseif first >= 0xE0 and first <= 0xEF then
      more = 2
      if first == 0xE0 then least = 0xA0 elseif first == 0xED then most = 0x9F end
    elseif first >= 0xF0 and first <= 0xF4 then
      more = 3
      if first == 0xF0 then least = 0x90 elseif first == 0xF4 then most = 0x8F end
    else
      return false
    end
    for i = 1, more do
      local byte = string.byte(text, at + i)
      if byte == nil or byte < least or byte > most then return false end
      least, most = 0x80, 0xBF
    end
    at = at + 1 + more
  end
  return true
end

-- The call

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
  handle:streamInfo():dynamicMetadata():set(own, "payload", payload or "")
  if payload ~= "event" then return end
  local buffer = handle:body(true)
  -- What was held before the body was there must not be used any more.
  local original = handle:streamInfo():dynamicMetadata():get("fado.original")
  buffer:setBytes(event(handle, handle:headers(), original, buffer:getBytes(0, buffer:length())))
  handle:headers():replace("content-type", "application/json")
  handle:headers():remove("content-encoding")
end

-- The answer

local function problem(headers, buffer, status, kind, title, detail)
  headers:replace(":status", tostring(status))
  headers:replace("content-type", "application/problem+json")
  buffer:setBytes(
    object({ type = "urn:fado:problem:" .. kind, title = title, detail = detail }):sub(1, -2) .. ',"status":' .. status .. "}"
  )
end

-- Headers of the connection itself are Envoy's, FaDO's are overwritten later.
local kept_back = {
  connection = true, ["content-length"] = true, ["keep-alive"] = true, ["transfer-encoding"] = true, upgrade = true,
  trailer = true, te = true,
}

local function set_header(headers, name, value)
  if type(value) == "number" or type(value) == "boolean" then value = tostring(value) end
  if type(value) ~= "string" or string.find(value, "[%z\r\n]") then return end
  local lower = string.lower(name)
  if not string.find(lower, "^[a-z0-9!#$%%&'*+.^_`|~-]+$") or kept_back[lower] then return end
  headers:replace(lower, value)
end

-- What the function returned, as an answer.
local function answer(headers, buffer, returned)
  if type(returned) ~= "table" or returned.statusCode == nil then
    headers:replace("content-type", "application/json")
    if type(returned) == "string" then buffer:setBytes(returned) end
    return true
  end
  local status = tonumber(returned.statusCode)
  if status == nil or status < 200 or status > 599 or status ~= math.floor(status) then return false end
  local body = returned.body
  if body == nil then body = "" end
  if type(body) ~= "string" then return false end
  if returned.isBase64Encoded == true then body = from_base64(body) end
  if body == nil then return false end
  headers:replace(":status", string.format("%d", status))
  headers:replace("content-type", "application/json")
  if type(returned.headers) == "table" then
    for name, value in pairs(returned.headers) do set_header(headers, name, value) end
  end
  if type(returned.cookies) == "table" then
    for _, cookie in ipairs(returned.cookies) do
      if type(cookie) == "string" and not string.find(cookie, "[%z\r\n]") then headers:add("set-cookie", cookie) end
    end
  end
  buffer:setBytes(body)
  return true
end

local function error_of(returned)
  if type(returned) ~= "table" then return "The function returned an error." end
  local kind, message = returned.errorType, returned.errorMessage
  if type(message) ~= "string" then return "The function returned an error." end
  return (type(kind) == "string" and kind ~= "") and kind .. ": " .. message or message
end

local function as_answer(headers, buffer)
  local status = tonumber(headers:get(":status"))
  local failed = headers:get("x-amz-function-error")
  headers:remove("x-amz-function-error")
  if status == 404 then
    return problem(headers, buffer, 404, "no-function", "Not a function", "AWS Lambda has no function of this name.")
  end
  if status < 200 or status > 299 then return end
  local parsed, returned = pcall(parse, buffer:getBytes(0, buffer:length()))
  if failed ~= nil then
    return problem(headers, buffer, 502, "function-failed", "The function failed", error_of(parsed and returned or nil))
  end
  if not (parsed and answer(headers, buffer, returned)) then
    problem(headers, buffer, 502, "function-failed", "The function failed", "What it returned is no answer.")
  end
end

-- Whether Lambda refused FaDO: what a function returns it answers with 200, whatever the function says.
local function is_refused(headers)
  local status = headers:get(":status")
  return status == "401" or status == "403"
end

local function refusal(handle, headers, buffer)
  handle:streamInfo():dynamicMetadata():set(own, "refused", "key")
  problem(headers, buffer, 502, "platform-refused", "The platform refused FaDO", "AWS Lambda does not take FaDO's key.")
end

-- Lambda was asked by POST; what the client asked for may want no body.
local function without_body(handle, headers, buffer)
  local status = headers:get(":status")
  local asked = handle:streamInfo():dynamicMetadata():get("fado.original")[":method"]
  if asked ~= "HEAD" and status ~= "204" and status ~= "304" then return end
  local length = buffer:length()
  buffer:setBytes("")
  if asked == "HEAD" then headers:replace("content-length", tostring(length)) end
end

function envoy_on_response(handle)
  local metadata = handle:streamInfo():dynamicMetadata():get(own)
  local payload = metadata ~= nil and metadata.payload or ""
  if payload == "" then return end
  local buffer = handle:body(true)
  local headers = handle:headers()
  if is_refused(headers) then
    refusal(handle, headers, buffer)
  elseif payload == "event" then
    as_answer(headers, buffer)
  end
  without_body(handle, headers, buffer)
end
