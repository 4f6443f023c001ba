-- What the function returns as an answer, as the function URLs of Lambda do it.

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
  handle:streamInfo():dynamicMetadata():set(namespace, "refused", "key")
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
  local metadata = handle:streamInfo():dynamicMetadata():get(namespace)
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
