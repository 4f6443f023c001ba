-- JSON: what is written is made by hand from `quote`, `object` and `list`; `parse` reads any.

local bit = require("bit")

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
