-- What a body may be: base64, UTF-8.

local bit = require("bit")
local ffi = require("ffi")

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
