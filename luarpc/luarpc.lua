-- SPDX-License-Identifier: MIT
--
-- Remote calls for programs with LuaSocket, as in the assignment. Lua 5.1 to 5.4.
--
--   local luarpc = require "luarpc"
--   local serv1 = luarpc.createServant(myobj1, "minhaInt.lua")    -- { ip = ..., port = ... }
--   luarpc.waitIncoming()
--
--   local p1 = luarpc.createproxy(ip, port, "minhaInt.lua")
--   local r, s = p1:foo(3, 5)                                     -- p1.foo(3, 5) is the same
--
-- A remote error, a method outside the interface, or a lost connection gives nil and a message. An argument that cannot be
-- converted to its declared type raises an error at the caller, and nothing is sent.
--
-- Interface files are parsed and never executed; what is received is never evaluated. The bytes on the wire are those of
-- the TypeScript library beside this file.

local socket = require "socket"

local luarpc = {}

local unpack = table.unpack or unpack
local floor, huge = math.floor, math.huge

-- A program may change these.
local limits = {
  line = 1024 * 1024,        -- the longest line, in bytes
  pending = 4 * 1024 * 1024, -- bytes of a connection that wait to be written, or are drained before it is closed
  connections = 500,         -- of all servants together: select() takes 1024 sockets
  requests = 64,             -- answered before another connection gets its turn
  read_timeout = 30,         -- seconds from a request's first byte to its last
  linger = 2,                -- seconds that a closed connection waits for what is on its way
  text_delay = 0.1,          -- seconds for an error's text behind its first line
  settle = 0.02,             -- seconds in which a server shows what it does after a reply
}
luarpc.limits = limits

local SMILE = "\\:-)\\" -- how a newline travels inside a plain string
local ERROR_PREFIX = "___ERRORPC: "
local ERROR_TEXT_MAX = 4096

--------------------------------------------------------------------------------------------------------------------
-- Numbers
--------------------------------------------------------------------------------------------------------------------

-- Whole numbers as integers where Lua has them, so that 8 prints as 8 in every version; all others are floats.
local function natural(x)
  if not math.type then return x end
  if x ~= floor(x) or x < -2^53 or x > 2^53 then return x + 0.0 end
  if x == 0 and 1 / x < 0 then return x end
  return math.tointeger(x) or x
end

-- The next decimal number of as many digits; nil behind the last one.
local function next_digits(digits)
  local head, last, nines = digits:match("^(.-)([0-8])(9*)$")
  if not head then return nil end
  return head .. ("%d"):format(tonumber(last) + 1) .. ("0"):rep(#nines)
end

-- The shortest digits d1d2... and the exponent e for which 0.d1d2... * 10^e reads back as x > 0.
local function shortest(x)
  local first = x < 2^-1022 and 1 or 15
  for precision = first, 17 do
    local mantissa, fraction, exponent = ("%." .. (precision - 1) .. "e"):format(x):match("^(%d)%.?(%d*)e([-+]%d+)$")
    local digits = mantissa .. fraction
    local e = tonumber(exponent) + 1
    if tonumber("0." .. digits .. "e" .. e) == x then return (digits:gsub("0+$", "")), e end
    -- Below a power of two doubles are closer together: the nearest decimal may fail where the next one does not.
    local other = next_digits(digits)
    if other and tonumber("0." .. other .. "e" .. e) == x then return other, e end
  end
end

-- The shortest text that reads back as the same double.
local function format_double(x)
  if x ~= x then return "nan" end
  if x == huge then return "inf" end
  if x == -huge then return "-inf" end
  if x == 0 then return 1 / x < 0 and "-0" or "0" end
  if x == floor(x) and x > -1e15 and x < 1e15 then return ("%d"):format(x) end
  if x < 0 then return "-" .. format_double(-x) end
  x = x + 0.0
  local digits, e = shortest(x)
  local n = #digits
  if n <= e and e <= 21 then return digits .. ("0"):rep(e - n) end
  if 0 < e and e <= 21 then return digits:sub(1, e) .. "." .. digits:sub(e + 1) end
  if -6 < e and e <= 0 then return "0." .. ("0"):rep(-e) .. digits end
  local fraction = n > 1 and "." .. digits:sub(2) or ""
  return digits:sub(1, 1) .. fraction .. "e" .. (e > 0 and "+" or "-") .. ("%d"):format(math.abs(e - 1))
end

-- The text without those bytes at its end that a pattern such as "^[ \t]" matches. Takes as many steps as there are, where
-- "(.-)[ \t]*$" would start anew at each blank of a line that a stranger has sent.
local function without_end(text, blank)
  local to = #text
  while to > 0 and text:find(blank, to) do to = to - 1 end
  return text:sub(1, to)
end

-- Whether a text is a numeral of such digits, "%d" or "%x", with an exponent behind the mark, if any. There is one way
-- only to match it, for the same reason.
local function is_numeral(text, digit, mark)
  local whole, rest = text:match("^(" .. digit .. "*)(.*)$")
  local fraction = ""
  if rest:sub(1, 1) == "." then fraction, rest = rest:match("^%.(" .. digit .. "*)(.*)$") end
  return #whole + #fraction > 0 and (rest == "" or rest:find("^" .. mark .. "[-+]?%d+$") ~= nil)
end

-- The double that a text stands for, or nil.
local function parse_double(text)
  text = without_end(text, "^[ \t\r\f\v]"):match("^[ \t\r\f\v]*(.*)$")
  local sign, rest = text:match("^([-+]?)(.*)$")
  local lower = rest:lower()
  if lower == "inf" or lower == "infinity" then return sign == "-" and -huge or huge end
  if lower == "nan" then return huge - huge end
  local value
  if lower:find("^0x") then
    if not is_numeral(lower:sub(3), "%x", "p") then return nil end
    -- With an exponent it is a float in every version.
    if not lower:find("p", 1, true) then lower = lower .. "p0" end
    value = tonumber(lower)
  elseif is_numeral(lower, "%d", "e") then
    value = tonumber(lower)
  end
  if not value then return nil end
  value = value + 0.0
  if sign == "-" then value = -value end
  return natural(value)
end

--------------------------------------------------------------------------------------------------------------------
-- Interface files
--------------------------------------------------------------------------------------------------------------------

local TYPES = { char = true, string = true, double = true, void = true }
local DIRECTIONS = { ["in"] = true, out = true, inout = true }
local ESCAPES = {
  a = "\a", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t", v = "\v",
  ["\\"] = "\\", ['"'] = '"', ["'"] = "'", ["\n"] = "\n",
}

local Parser = {}
Parser.__index = Parser

-- Raises an error with file, line and column.
function Parser:fail(message, at)
  local before = self.text:sub(1, (at or self.at) - 1)
  local _, lines = before:gsub("\n", "")
  local line_start = before:match("^.*\n()") or 1
  -- Columns count characters: bytes that do not continue one.
  local _, column = before:sub(line_start):gsub("[^\128-\191]", "")
  error(("%s:%d:%d: %s"):format(self.file, lines + 1, column + 1, message), 0)
end

-- Skips space and comments.
function Parser:skip()
  local text, position = self.text, self.position
  while true do
    position = text:match("^[ \t\r\n\f\v]*()", position)
    local level, body = text:match("^%-%-%[(=*)%[()", position)
    if level then
      local _, close = text:find("]" .. level .. "]", body, true)
      if not close then self:fail("this long comment is never closed", position) end
      position = close + 1
    elseif text:find("^%-%-", position) then
      position = text:match("^[^\n]*()", position)
    else
      break
    end
  end
  self.position = position
end

-- The number that starts at a position, and where it ends; nil when none does.
local function match_number(text, position)
  local from = text:match("^0[xX][%x.]*()", position)
  if from then
    from = text:match("^[pP][-+]?%d+()", from) or from
  else
    from = text:match("^%d+%.?%d*()", position) or text:match("^%.%d+()", position)
    if not from then return nil end
    from = text:match("^[eE][-+]?%d+()", from) or from
  end
  return text:sub(position, from - 1), from
end

-- The UTF-8 bytes of a character, or nil when there is none of that number.
local function utf8_bytes(code)
  if code < 0x80 then return string.char(code) end
  if code > 0x10ffff or (code >= 0xd800 and code <= 0xdfff) then return nil end
  local rest = ""
  local room = 64
  repeat
    rest = string.char(0x80 + code % 64) .. rest
    code, room = floor(code / 64), room / 2
  until code < room
  return string.char(256 - room * 2 + code) .. rest
end

function Parser:quoted(quote, start)
  local text, position, parts = self.text, start + 1, {}
  while true do
    local plain, stop = text:match("^([^\\\n" .. quote .. "]*)()", position)
    parts[#parts + 1] = plain
    local character = text:sub(stop, stop)
    if character == quote then
      self.position = stop + 1
      return table.concat(parts)
    elseif character ~= "\\" then
      self:fail("this string is never closed", start)
    end
    local escape = text:sub(stop + 1, stop + 1)
    local decimal = text:match("^%d%d?%d?", stop + 1)
    local hex = text:match("^x(%x%x)", stop + 1)
    local unicode = text:match("^u{(%x%x?%x?%x?%x?%x?)}", stop + 1)
    local character_bytes = unicode and utf8_bytes(tonumber(unicode, 16))
    if ESCAPES[escape] then
      parts[#parts + 1], position = ESCAPES[escape], stop + 2
    elseif decimal and tonumber(decimal) <= 255 then
      parts[#parts + 1], position = string.char(tonumber(decimal)), stop + 1 + #decimal
    elseif hex then
      parts[#parts + 1], position = string.char(tonumber(hex, 16)), stop + 4
    elseif character_bytes then
      parts[#parts + 1], position = character_bytes, stop + 4 + #unicode
    elseif escape == "z" then
      position = text:match("^[ \t\r\n\f\v]*()", stop + 2)
    else
      self:fail("this escape sequence is unknown to Lua", stop)
    end
  end
end

-- Reads the next token into self.kind, self.value and self.at.
function Parser:advance()
  self:skip()
  local text, position = self.text, self.position
  self.at = position
  local first = text:sub(position, position)
  if first == "" then
    self.kind, self.value = "end", ""
    return
  end
  local name, behind = text:match("^([%a_][%w_]*)()", position)
  local number, after = match_number(text, position)
  if name then
    self.kind, self.value, self.position = "name", name, behind
  elseif number then
    self.kind, self.value, self.position = "number", number, after
  elseif first == '"' or first == "'" then
    self.kind, self.value = "string", self:quoted(first, position)
  elseif text:find("^%[=*%[", position) then
    local level, body = text:match("^%[(=*)%[\r?\n?()", position)
    local from, close = text:find("]" .. level .. "]", body, true)
    if not from then self:fail("this long string is never closed", position) end
    self.kind, self.value, self.position = "string", text:sub(body, from - 1), close + 1
  else
    -- Letters that Lua has none of are shown whole.
    local symbol = text:match("^[\128-\255]+", position) or first
    self.kind, self.value, self.position = "symbol", symbol, position + #symbol
  end
end

function Parser:is(symbol)
  return self.kind == "symbol" and self.value == symbol
end

function Parser:accept(symbol)
  if not self:is(symbol) then return false end
  self:advance()
  return true
end

function Parser:unexpected(expected)
  local found = self.kind == "end" and "the end of the file"
    or self.kind == "string" and ('the string "%s"'):format(self.value) or ("'%s'"):format(self.value)
  self:fail(("expected %s, found %s"):format(expected, found))
end

function Parser:expect(symbol)
  if not self:accept(symbol) then self:unexpected("'" .. symbol .. "'") end
end

function Parser:name(what)
  if self.kind ~= "name" then self:unexpected(what) end
  local name = self.value
  self:advance()
  return name
end

-- A table of constants: a list of { key = ..., value = ..., at = ... }; a value is a string or such a list.
function Parser:table(depth)
  if depth > 16 then self:fail("tables are nested too deeply") end
  local fields = { at = self.at }
  self:expect("{")
  while not self:is("}") do
    local field = { at = self.at }
    if self:accept("[") then
      if self.kind ~= "string" then self:unexpected("a string in quotes") end
      field.key = self.value
      self:advance()
      self:expect("]")
      self:expect("=")
      field.value_at, field.value = self.at, self:constant(depth)
    else
      local bare = self.kind == "name"
      field.value_at, field.value = self.at, self:constant(depth)
      if bare and self:accept("=") then
        field.key, field.value_at = field.value, self.at
        field.value = self:constant(depth)
      end
    end
    fields[#fields + 1] = field
    if not (self:accept(",") or self:accept(";") or self:is("}")) then self:unexpected("',' or '}'") end
  end
  self:expect("}")
  return fields
end

function Parser:constant(depth)
  if self:is("{") then return self:table(depth + 1) end
  if self.kind ~= "name" and self.kind ~= "string" then self:unexpected("a name, a string or a table") end
  local value = self.value
  self:advance()
  return value
end

-- The fields of a table by their keys, which must be known and unique.
function Parser:fields(list, where, known)
  local fields = {}
  for _, key in ipairs(known) do known[key] = true end
  for _, field in ipairs(list) do
    if not field.key then self:fail(("a field of %s needs a name"):format(where), field.at) end
    if not known[field.key] then
      self:fail(("%s has no field '%s' (known: %s)"):format(where, field.key, table.concat(known, ", ")), field.at)
    end
    if fields[field.key] then self:fail(("the field '%s' is given twice"):format(field.key), field.at) end
    fields[field.key] = field
  end
  return fields
end

function Parser:word(field)
  if type(field.value) ~= "string" then self:fail("expected a name or a string, found a table", field.value_at) end
  return field.value
end

function Parser:check_type(word, is_result, at)
  if not TYPES[word] then
    self:fail(("'%s' is no type (char, string, double%s)"):format(word, is_result and ", void" or ""), at)
  end
  if word == "void" and not is_result then self:fail("void is for results only", at) end
  return word
end

function Parser:check_direction(word, at)
  if not DIRECTIONS[word] then self:fail(("'%s' is no direction (in, out, inout)"):format(word), at) end
  return word
end

-- A method from its declaration: what a request carries, and what a reply does.
local function make_method(name, result, parameters)
  local method = { name = name, result = result, parameters = parameters, inputs = {}, outputs = {} }
  if result ~= "void" then method.outputs[1] = { type = result, label = "result" } end
  for index, parameter in ipairs(parameters) do
    local label = ("argument %d%s"):format(index, parameter.name and (" (%s)"):format(parameter.name) or "")
    local slot = { type = parameter.type, label = label }
    if parameter.direction ~= "out" then
      method.inputs[#method.inputs + 1] = slot
      parameter.input = #method.inputs
    end
    if parameter.direction ~= "in" then method.outputs[#method.outputs + 1] = slot end
  end
  return method
end

function Parser:table_method(field)
  local where = ("method '%s'"):format(field.key)
  if type(field.value) ~= "table" then self:fail(where .. " must be a table", field.value_at) end
  local fields = self:fields(field.value, where, { "resulttype", "args", "name" })
  if not fields.resulttype then self:fail(where .. " has no field 'resulttype'", field.at) end
  local result = self:check_type(self:word(fields.resulttype), true, fields.resulttype.value_at)
  local parameters = {}
  if fields.args then
    if type(fields.args.value) ~= "table" then
      self:fail(("'args' of %s must be a table"):format(where), fields.args.value_at)
    end
    for _, argument in ipairs(fields.args.value) do
      if argument.key or type(argument.value) ~= "table" then
        self:fail(("an argument of %s must be a table {direction = ..., type = ...}"):format(where), argument.at)
      end
      local parts = self:fields(argument.value, "this argument of " .. where,
        { "direction", "type", "name" })
      if not parts.direction then self:fail("this argument has no field 'direction'", argument.at) end
      if not parts.type then self:fail("this argument has no field 'type'", argument.at) end
      parameters[#parameters + 1] = {
        name = parts.name and self:word(parts.name),
        direction = self:check_direction(self:word(parts.direction), parts.direction.value_at),
        type = self:check_type(self:word(parts.type), false, parts.type.value_at),
      }
    end
  end
  return make_method(field.key, result, parameters)
end

function Parser:table_interface(list)
  local fields = self:fields(list, "interface", { "name", "methods" })
  if fields.name and type(fields.name.value) ~= "string" then
    self:fail("the interface's name must be a name or a string", fields.name.value_at)
  end
  if not fields.methods then self:fail("the interface has no field 'methods'", list.at) end
  if type(fields.methods.value) ~= "table" then self:fail("'methods' must be a table", fields.methods.value_at) end
  local interface = { name = fields.name and fields.name.value, methods = {} }
  for _, field in ipairs(fields.methods.value) do
    if not field.key then self:fail("a method needs a name, as in foo = { ... }", field.at) end
    if field.key == "" or field.key:find("[\r\n]") then
      self:fail("a method's name is not empty and has no line breaks", field.at)
    end
    if interface.methods[field.key] then
      self:fail(("the method '%s' is declared twice"):format(field.key), field.at)
    end
    interface.methods[field.key] = self:table_method(field)
  end
  return interface
end

function Parser:traditional_type(is_result)
  local word, at = self.value, self.at
  if self.kind ~= "name" or not TYPES[word] then
    self:unexpected(is_result and "a type (char, string, double, void)" or "a type (char, string, double)")
  end
  self:check_type(word, is_result, at)
  self:advance()
  return word
end

function Parser:traditional_interface(name)
  local interface = { name = name, methods = {} }
  self:expect("{")
  while not self:is("}") do
    local result = self:traditional_type(true)
    local at = self.at
    local method = self:name("the method's name")
    if interface.methods[method] then self:fail(("the method '%s' is declared twice"):format(method), at) end
    local parameters = {}
    self:expect("(")
    -- C's way to say that there are none.
    local is_none = self.kind == "name" and self.value == "void"
    if is_none then self:advance() end
    while not is_none and not self:is(")") do
      if self.kind ~= "name" or not DIRECTIONS[self.value] then self:unexpected("a direction (in, out or inout)") end
      local parameter = { direction = self.value }
      self:advance()
      parameter.type = self:traditional_type(false)
      if self.kind == "name" then parameter.name = self:name() end
      parameters[#parameters + 1] = parameter
      if not self:accept(",") then break end
      if self:is(")") then self:unexpected("a parameter") end
    end
    self:expect(")")
    interface.methods[method] = make_method(method, result, parameters)
    while self:accept(";") or self:accept(",") do end
  end
  self:expect("}")
  return interface
end

-- Parses the text of an interface file; raises an error with file, line and column.
function luarpc.parseInterface(text, file)
  local parser = setmetatable({ text = text, file = file or "interface", position = 1, at = 1 }, Parser)
  -- A byte order mark and a "#!" line are no Lua, but Lua's own loader skips them too.
  if text:sub(1, 3) == "\239\187\191" then parser.position = 4 end
  parser.position = text:match("^#[^\n]*()", parser.position) or parser.position
  parser:advance()
  if parser.kind ~= "name" or parser.value ~= "interface" then parser:unexpected("'interface'") end
  parser:advance()
  local interface
  if parser.kind == "name" then
    interface = parser:traditional_interface(parser:name())
  elseif parser:accept("(") then
    local fields = parser:table(0)
    parser:expect(")")
    interface = parser:table_interface(fields)
  else
    parser:accept("=")
    if not parser:is("{") then parser:unexpected("'{', '(', '=' or the interface's name") end
    interface = parser:table_interface(parser:table(0))
  end
  while parser:accept(";") do end
  if parser.kind == "name" and parser.value == "interface" then
    parser:fail("a file declares one interface, and this is a second one")
  end
  if parser.kind ~= "end" then parser:unexpected("the end of the file") end
  return interface
end

-- The most bytes of an interface's file: one without an end, such as /dev/zero, is not read for ever.
local INTERFACE_MAX = 1024 * 1024

-- An interface: parsed already, or from its file. Errors are raised where the program called the library.
local function load_interface(source)
  if type(source) == "table" and type(source.methods) == "table" then return source end
  if type(source) ~= "string" then
    error(("luarpc: the interface must be the name of its file, not of type %s"):format(type(source)), 3)
  end
  local file, message = io.open(source, "rb")
  if not file then error("luarpc: " .. message, 3) end
  local text, reason = file:read(INTERFACE_MAX + 1)
  file:close()
  if not text and reason then error(("luarpc: %s cannot be read"):format(source), 3) end
  text = text or ""
  if #text > INTERFACE_MAX then
    error(("luarpc: %s is longer than the %d bytes that an interface may have"):format(source, INTERFACE_MAX), 3)
  end
  local ok, interface = pcall(luarpc.parseInterface, text, source)
  if not ok then error(interface, 3) end
  return interface
end

--------------------------------------------------------------------------------------------------------------------
-- Values and lines
--------------------------------------------------------------------------------------------------------------------

local DEFAULTS = { double = 0, string = "", char = " " }

local function describe(value)
  if type(value) == "string" then
    local shown = #value > 40 and value:sub(1, 40) .. "\226\128\166" or value -- an ellipsis
    return (("%q"):format(shown):gsub("\\\n", "\\n"))
  end
  if type(value) == "number" then return format_double(value) end
  if value == nil or type(value) == "boolean" then return tostring(value) end
  return "a " .. type(value)
end

local function mismatch(value, slot, method)
  local wanted = slot.type == "char" and "char (exactly one byte)" or slot.type
  return ("%s: %s must be a %s, not %s"):format(method.name, slot.label, wanted, (describe(value)))
end

-- Converts a value to its declared type: the value, or nil and a message.
local function convert(value, slot, method)
  local converted
  if slot.type == "double" then
    if type(value) == "number" then converted = value
    elseif type(value) == "string" then converted = parse_double(value) end
  else
    if type(value) == "string" then converted = value
    elseif type(value) == "number" then converted = format_double(value) end
    if slot.type == "char" and converted and #converted ~= 1 then converted = nil end
  end
  if converted == nil then return nil, mismatch(value, slot, method) end
  return converted
end

local function replace(text, what, by)
  if not text:find(what, 1, true) then return text end
  return (text:gsub(what:gsub("%p", "%%%0"), (by:gsub("%%", "%%%%"))))
end

local profiles = {
  plain = {
    encode = function(text) return replace(text, "\n", SMILE) end,
    decode = function(line) return replace(line, SMILE, "\n") end,
  },
  quoted = {
    void = "nil",
    encode = function(text)
      return '"' .. text:gsub('[\\"\n]', function(c) return c == "\n" and "\\n" or "\\" .. c end) .. '"'
    end,
    decode = function(line)
      local inner = line:match('^"(.*)"\r?$') or line:match("^'(.*)'\r?$")
      if not inner then return line end
      return (inner:gsub("\\(.)", function(c) return c == "n" and "\n" or c end))
    end,
  },
}

local function profile_named(name)
  local profile = profiles[name or "plain"]
  if not profile then error(("luarpc: no profile is called '%s' (there are plain and quoted)"):format(tostring(name)), 3) end
  return profile
end

local function encode_value(value, profile)
  return type(value) == "number" and format_double(value) or profile.encode(value)
end

-- The value of a line, or nil when it is not of the type.
local function decode_value(line, slot, profile)
  if slot.type == "double" then return parse_double(line) end
  local text = profile.decode(line)
  if slot.type == "char" and #text ~= 1 then return nil end
  return text
end

local function without_cr(line)
  return line:sub(-1) == "\r" and line:sub(1, -2) or line
end

local function reads_as_error(line)
  return line:find('^"?__?_ERRORPC') ~= nil or without_cr(line) == "ERRORPC"
end

local function error_text(line)
  local quote, text = without_cr(line):match('^("?)__?_ERRORPC:? ?(.*)$')
  if not quote then return without_cr(line) == "ERRORPC" and "" or replace(without_cr(line), SMILE, "\n") end
  text = without_end(text, "^[ \t]")
  if quote ~= "" and text:sub(-1) == quote then text = text:sub(1, -2) end
  return replace(text, SMILE, "\n")
end

local function error_line(text)
  text = replace(replace(text, "\r\n", "\n"), "\r", " ")
  text = replace(text, "\n", SMILE)
  if #text > ERROR_TEXT_MAX then text = text:sub(1, ERROR_TEXT_MAX) .. "..." end
  return ERROR_PREFIX .. text .. "\n"
end

-- Cuts bytes into lines; a line keeps its CR.
local Reader = {}
Reader.__index = Reader

local function new_reader()
  return setmetatable({ text = "", position = 1, scanned = 1, parts = {}, size = 0 }, Reader)
end

function Reader:push(data)
  if not data:find("\n", 1, true) then
    self.parts[#self.parts + 1] = data
    self.size = self.size + #data
    return
  end
  self.scanned = math.max(1, self.scanned - self.position + 1)
  self.text = self.text:sub(self.position) .. table.concat(self.parts) .. data
  self.position, self.parts, self.size = 1, {}, 0
end

-- The next line; nil when there is none yet, nil and true when it is too long. `ended`: the stream's end ends a line.
function Reader:next(ended)
  local stop = self.text:find("\n", self.scanned, true)
  if not stop then
    self.scanned = #self.text + 1
    local length = #self.text - self.position + 1 + self.size
    if length > limits.line then return nil, true end
    if not ended or length == 0 then return nil end
    local line = self.text:sub(self.position) .. table.concat(self.parts)
    self:discard()
    return line
  end
  if stop - self.position > limits.line then return nil, true end
  local line = self.text:sub(self.position, stop - 1)
  self.position = stop + 1
  self.scanned = self.position
  if self.position > #self.text then self.text, self.position, self.scanned = "", 1, 1 end
  return line
end

function Reader:pending()
  return #self.text - self.position + 1 + self.size
end

function Reader:discard()
  self.text, self.position, self.scanned, self.parts, self.size = "", 1, 1, {}, 0
end

-- Whatever has come: a string, or nil and "closed" or "timeout".
local function receive_some(sock)
  local data, message, partial = sock:receive(65536)
  data = data or partial
  if data and #data > 0 then return data end
  return nil, message
end

--------------------------------------------------------------------------------------------------------------------
-- Servants
--------------------------------------------------------------------------------------------------------------------

local servants = {}    -- by their listening sockets
local connections = {} -- by their sockets
local connection_count = 0
local stopping = false

local Connection = {}
Connection.__index = Connection

function Connection:drop()
  if not connections[self.sock] then return end
  connections[self.sock] = nil
  connection_count = connection_count - 1
  self.sock:close()
end

-- Writes what can be written now.
function Connection:flush()
  while self.out ~= "" do
    local last, message, partial = self.sock:send(self.out)
    if last then
      self.out = ""
    elseif message == "timeout" then
      self.out = self.out:sub((partial or 0) + 1)
      return
    else
      self:drop()
      return
    end
  end
  if self.closing and not self.shut then
    self.shut = true
    self.sock:shutdown("send")
    if self.ended then self:drop() end
  end
end

-- Shuts our side after what was written. What still comes is dropped until the client has shut its side: closing with
-- bytes unread would reset the connection, and the client might lose the last reply.
function Connection:close()
  if self.closing then return end
  self.closing, self.since, self.drained = true, socket.gettime(), 0
  self.reader:discard()
end

function Connection:fail(text, fatal)
  self.out = self.out .. error_line(text)
  if fatal then self:close() end
end

-- The reply of what a method returned, or nil and what is wrong with it.
local function encode_reply(method, profile, results)
  local lines = {}
  if method.result == "void" and profile.void then lines[1] = profile.void end
  for index, slot in ipairs(method.outputs) do
    local value = results[index]
    if value == nil then return nil, ("%s: the servant gave no %s"):format(method.name, slot.label) end
    local converted, message = convert(value, slot, method)
    if converted == nil then return nil, message end
    local line = encode_value(converted, profile)
    if #line > limits.line then
      return nil, ("%s: the %s is longer than %d bytes"):format(method.name, slot.label, limits.line)
    end
    if index == 1 and reads_as_error(line) then
      return nil, ("%s: the %s would read as an error"):format(method.name, slot.label)
    end
    lines[#lines + 1] = line
  end
  return table.concat(lines, "\n") .. "\n"
end

local function text_of(thrown)
  local ok, text = pcall(tostring, thrown)
  return ok and type(text) == "string" and text or "an error that has no text"
end

function Connection:call(method, lines)
  local servant = self.servant
  local values, count = {}, #method.parameters
  for index, parameter in ipairs(method.parameters) do
    if parameter.input then
      local line = lines[parameter.input]
      if self.crlf then line = without_cr(line) end
      local slot = method.inputs[parameter.input]
      local value
      -- Where strings have quotes, nil is how clients say that an argument is missing.
      if servant.profile.void and without_cr(line) == "nil" then value = DEFAULTS[slot.type]
      else value = decode_value(line, slot, servant.profile) end
      if value == nil then
        self:fail(mismatch(without_cr(line), slot, method))
        return
      end
      values[index] = value
    end
  end
  local results
  local function finish(ok, ...)
    results = ok and { ... } or nil
    return ok, ...
  end
  local ok, thrown = finish(pcall(function()
    local f = servant.object[method.name]
    if f == nil then error(("%s: the servant's object has no such method"):format(method.name), 0) end
    return f(unpack(values, 1, count))
  end))
  if not ok then
    self:fail(text_of(thrown))
    return
  end
  local reply, message = encode_reply(method, servant.profile, results)
  if reply then self.out = self.out .. reply else self:fail(message) end
end

-- Reads one request as far as it has come. True when it was answered or a line was dropped.
function Connection:step()
  if not self.method then
    local line, too_long = self.reader:next(self.ended)
    if too_long then self:fail(("a line is longer than %d bytes"):format(limits.line), true) end
    if not line then return false end
    local name = without_cr(line)
    local methods = self.servant.interface.methods
    local method = methods[name] or methods[name:match("^%s*(.-)%s*$")]
    if not method then
      -- Some clients send their extra arguments. Only behind a request, so that a first line always gets an answer.
      local is_name = name:find("^[%a_][%w_]*$") and name ~= "nil" and name ~= "true" and name ~= "false"
      if self.answered and not is_name then
        self.surplus = self.surplus + #line + 1
        if self.surplus > limits.pending then self:fail("too many lines that are no request", true) end
        return true
      end
      local where = self.servant.interface.name and " " .. self.servant.interface.name or ""
      self:fail(("no method '%s' in the interface%s"):format(name:sub(1, 64), where), true)
      return true
    end
    self.method, self.lines, self.crlf, self.surplus = method, {}, line:sub(-1) == "\r", 0
  end
  while #self.lines < #self.method.inputs do
    local line, too_long = self.reader:next(self.ended)
    if too_long then
      self:fail(("a line is longer than %d bytes"):format(limits.line), true)
      return true
    end
    if not line then
      if not self.ended then return false end
      local slot = self.method.inputs[#self.lines + 1]
      self:fail(("%s: the request ends before its %s"):format(self.method.name, slot.label), true)
      return true
    end
    self.lines[#self.lines + 1] = line
  end
  local method, lines = self.method, self.lines
  self.method, self.lines, self.answered = nil, nil, true
  self:call(method, lines)
  self.since = socket.gettime()
  if self.servant.closeAfterCall then self:close() end
  return true
end

-- Answers what has come, up to a number of requests: others have their turn too. True when there may be more.
function Connection:serve()
  for _ = 1, limits.requests do
    if self.closing or #self.out > limits.pending then return false end
    if not self:step() then
      if self.ended then self:close() end
      return false
    end
  end
  return true
end

function Connection:read()
  local data, message = receive_some(self.sock)
  if data and self.closing then
    self.drained = self.drained + #data
    if self.drained > limits.pending then self:drop() end
  elseif data then
    if not self.method and self.reader:pending() == 0 then self.since = socket.gettime() end
    self.reader:push(data)
  elseif message == "closed" then
    self.ended = true
    if self.shut then self:drop() end
  elseif message ~= "timeout" then
    self:drop()
  end
end

-- Enforces the time-outs.
function Connection:check(now)
  local quiet = now - self.since
  if self.closing then
    if quiet > limits.linger then self:drop() end
  elseif self.out ~= "" then
    if quiet > limits.read_timeout then self:drop() end
  elseif self.method or self.reader:pending() > 0 then
    if quiet > limits.read_timeout then
      local prefix = self.method and self.method.name .. ": " or ""
      self:fail(prefix .. "the request did not come to its end in time", true)
    end
  elseif self.servant.idleTimeout and quiet > self.servant.idleTimeout then
    self:close()
  end
end

-- The connection that has been idle for longest makes room.
local function make_room()
  local longest
  for _, connection in pairs(connections) do
    local idle = not connection.method and not connection.closing and connection.out == ""
    if idle and (not longest or connection.since < longest.since) then longest = connection end
  end
  if longest then longest:drop() end
  return longest ~= nil
end

local function accept(servant)
  local sock = servant.sock:accept()
  if not sock then return end
  if connection_count >= limits.connections and not make_room() then
    sock:settimeout(0)
    sock:send(error_line("too many connections"))
    sock:close()
    return
  end
  sock:settimeout(0)
  sock:setoption("tcp-nodelay", true)
  connections[sock] = setmetatable({
    sock = sock, servant = servant, reader = new_reader(), out = "", since = socket.gettime(), surplus = 0,
  }, Connection)
  connection_count = connection_count + 1
end

-- Makes a servant of an object, from the interface in a file. Options: port (any free one unless given), host
-- (127.0.0.1 unless given; "*" is every address), profile ("plain" or "quoted"), closeAfterCall, idleTimeout (seconds).
-- Returns a table with ip, port and close(). Raises an error when the interface is wrong or the port cannot be had.
function luarpc.createServant(object, source, options)
  options = options or {}
  if type(object) ~= "table" and type(object) ~= "userdata" then
    error(("luarpc: the object must be a table, not %s"):format((describe(object))), 2)
  end
  local interface = load_interface(source)
  local profile = profile_named(options.profile)
  local host, wanted = options.host or "127.0.0.1", options.port or 0
  local sock, message = socket.bind(host, wanted, 1024)
  if not sock then error(("luarpc: cannot listen on %s:%s: %s"):format(tostring(host), tostring(wanted), message), 2) end
  sock:settimeout(0)
  local ip, port = sock:getsockname()
  local servant = {
    ip = ip, port = tonumber(port), object = object, interface = interface, profile = profile, sock = sock,
    closeAfterCall = options.closeAfterCall, idleTimeout = options.idleTimeout,
  }
  function servant.close()
    if not servants[sock] then return end
    servants[sock] = nil
    sock:close()
    for _, connection in pairs(connections) do
      if connection.servant == servant then connection:drop() end
    end
  end
  servants[sock] = servant
  return servant
end

-- One turn of the loop, for programs that have their own: waits up to so many seconds, and answers what has come.
function luarpc.step(seconds)
  local readers, writers = {}, {}
  local again = false
  for sock in pairs(servants) do readers[#readers + 1] = sock end
  for sock, connection in pairs(connections) do
    if not connection.ended and #connection.out <= limits.pending and not connection.more then
      readers[#readers + 1] = sock
    end
    if connection.out ~= "" then writers[#writers + 1] = sock end
    again = again or connection.more
  end
  local readable, writable = socket.select(readers, writers, again and 0 or seconds)
  for _, sock in ipairs(writable) do
    if connections[sock] then connections[sock]:flush() end
  end
  for _, sock in ipairs(readable) do
    if servants[sock] then accept(servants[sock])
    elseif connections[sock] then connections[sock]:read() end
  end
  local now = socket.gettime()
  local list = {}
  for _, connection in pairs(connections) do list[#list + 1] = connection end
  for _, connection in ipairs(list) do
    connection.more = connection:serve()
    connection:check(now)
    if connections[connection.sock] then connection:flush() end
  end
end

-- Serves every servant until luarpc.stop() is called, or all have been closed.
function luarpc.waitIncoming()
  stopping = false
  while not stopping and next(servants) do luarpc.step(0.25) end
end

-- Ends waitIncoming() after its present turn.
function luarpc.stop()
  stopping = true
end

--------------------------------------------------------------------------------------------------------------------
-- Proxies
--------------------------------------------------------------------------------------------------------------------

local Channel = {} -- a proxy's connection
Channel.__index = Channel

function Channel:retire()
  if self.sock then self.sock:close() end
  self.sock, self.reader = nil, nil
end

-- Waits until bytes come, up to the deadline: the bytes, or nil and "timeout" or "closed".
function Channel:wait(deadline)
  while true do
    local data, message = receive_some(self.sock)
    if data then return data end
    if message ~= "timeout" then return nil, "closed" end
    local left = deadline - socket.gettime()
    if left <= 0 then return nil, "timeout" end
    socket.select({ self.sock }, nil, left)
  end
end

-- A connection that is fit for a request: one that was kept, unless it has been closed or more has come than was asked
-- for, or else a new one. True, or nil and a message.
function Channel:open(deadline)
  if self.sock then
    -- A server that closes after each call, or sends too much, shows it at once.
    local since = socket.gettime() - self.replied
    -- What it does once the first reply tells most.
    local settle = next(self.settled) and limits.settle or 3 * limits.settle
    if not self.settled[self.last] and since < settle then
      socket.select({ self.sock }, nil, settle - since)
    end
    local data, message = receive_some(self.sock)
    if not data and message == "timeout" and self.reader:pending() == 0 then
      self.settled[self.last] = true
      return true
    end
    -- At once, and not because it was idle.
    if message == "closed" and self.replies == 1 and since < settle then self.closes = true end
    self:retire()
  end
  local left = deadline - socket.gettime()
  if left <= 0 then return nil, "no connection in time" end
  local sock = socket.tcp()
  sock:settimeout(math.min(left, self.connectTimeout))
  local ok, message = sock:connect(self.ip, self.port)
  if not ok then
    sock:close()
    return nil, ("no connection to %s:%s: %s"):format(self.ip, self.port, message)
  end
  sock:settimeout(0)
  sock:setoption("tcp-nodelay", true)
  self.sock, self.reader, self.replies = sock, new_reader(), 0
  return true
end

function Channel:write(bytes, deadline)
  local from = 1
  while from <= #bytes do
    local last, message, partial = self.sock:send(bytes, from)
    if last then return true end
    from = (partial or from - 1) + 1
    if message ~= "timeout" then return nil, "the connection was lost" end
    local left = deadline - socket.gettime()
    if left <= 0 then return nil, "the request could not be written in time" end
    socket.select(nil, { self.sock }, left)
  end
  return true
end

-- The next line of a reply, or nil and a message.
function Channel:line(deadline)
  while true do
    local line, too_long = self.reader:next(self.ended)
    if line then return line end
    if too_long then return nil, ("a line of the reply is longer than %d bytes"):format(limits.line) end
    if self.ended then return nil, "the connection was lost before the reply was complete" end
    local data, message = self:wait(deadline)
    if data then
      self.reader:push(data)
      self.heard = true
    elseif message == "closed" then self.ended = true
    else return nil, "no reply in time" end
  end
end

-- The text of an error, perhaps on the next line.
function Channel:error_text(line)
  local text = error_text(line)
  if text ~= "" then return text end
  local following = self:line(socket.gettime() + limits.text_delay)
  return following and error_text(following) or "the servant gave no reason"
end

-- Reads the reply of a method: true and its values, or nil and a message.
function Channel:reply(method, deadline)
  local lines, wanted = {}, #method.outputs
  local line, message = self:line(deadline)
  if not line then return nil, message end
  if reads_as_error(line) then return nil, self:error_text(line) end
  if wanted == 0 then return true, {}, 0 end
  -- nil or an empty line for a void result, where it cannot be the first value.
  local text = without_cr(line)
  local is_void = method.result == "void" and (text == "nil" or text == "")
  if is_void and (method.outputs[1].type ~= "string" or text == self.profile.void) then
    line, message = self:line(deadline)
    if not line then return nil, message end
    if reads_as_error(line) then return nil, self:error_text(line) end
  end
  local all_cr = true
  for index = 1, wanted do
    if index > 1 then
      line, message = self:line(deadline)
      if not line then return nil, message end
    end
    lines[index] = line
    all_cr = all_cr and line:sub(-1) == "\r"
  end
  local values = {}
  for index, slot in ipairs(method.outputs) do
    local value = decode_value(all_cr and without_cr(lines[index]) or lines[index], slot, self.profile)
    if value == nil then return nil, mismatch(without_cr(lines[index]), slot, method) end
    values[index] = value
  end
  return true, values
end

-- The bytes of a request; raises an error at the caller of the proxy's method.
local function encode_request(method, profile, given)
  local lines = { method.name }
  for index, slot in ipairs(method.inputs) do
    local value = given[index]
    if value == nil then
      value = DEFAULTS[slot.type]
    else
      local message
      value, message = convert(value, slot, method)
      if value == nil then error(message, 3) end
    end
    lines[#lines + 1] = encode_value(value, profile)
    if #lines[#lines] > limits.line then
      error(("%s: an argument is longer than %d bytes"):format(method.name, limits.line), 3)
    end
  end
  return table.concat(lines, "\n") .. "\n"
end

function Channel:call(method, bytes)
  local deadline = socket.gettime() + self.timeout
  local ok, message = self:open(deadline)
  if not ok then return nil, ("%s: %s"):format(method.name, message) end
  self.ended, self.heard = false, false
  ok, message = self:write(bytes, deadline)
  -- What a server says before it closes is worth more than that the rest could not be written.
  local replied, values = self:reply(method, ok and deadline or socket.gettime() + limits.text_delay)
  if not replied then
    -- One reply and not a byte more: a server that closes after each call, and took its time to.
    if self.ended and self.replies == 1 and not self.heard then self.closes = true end
    self:retire()
    return nil, ok and values or ("%s: %s"):format(method.name, message)
  end
  self.last, self.replied, self.replies = method.name, socket.gettime(), self.replies + 1
  if self.ended or self.closes or self.reader:pending() > 0 then self:retire() end
  return true, values
end

-- Makes a proxy of the servant at ip and port, from the interface in a file. Options: profile ("plain" or "quoted"),
-- timeout (seconds a call may take, 30 unless given), connectTimeout (10 unless given). It connects when first called.
function luarpc.createProxy(ip, port, source, options)
  options = options or {}
  local number = tonumber(port)
  if type(ip) ~= "string" then error(("luarpc: the address must be a string, not %s"):format((describe(ip))), 2) end
  if not number or number < 1 or number > 65535 or number ~= floor(number) then
    error(("luarpc: %s is no port"):format((describe(port))), 2)
  end
  local interface = load_interface(source)
  local channel = setmetatable({
    ip = ip, port = number, profile = profile_named(options.profile), settled = {}, replied = 0,
    timeout = options.timeout or 30, connectTimeout = options.connectTimeout or 10,
  }, Channel)
  local proxy = {}
  for name, method in pairs(interface.methods) do
    proxy[name] = function(first, ...)
      local given
      -- Both p:foo(3, 5) and p.foo(3, 5).
      if rawequal(first, proxy) then given = { ... } else given = { first, ... } end
      local bytes = encode_request(method, channel.profile, given)
      local ok, values = channel:call(method, bytes)
      if not ok then return nil, values end
      return unpack(values, 1, #method.outputs)
    end
  end
  return setmetatable(proxy, {
    __index = function(_, name)
      local message = ("no method '%s' in the interface%s"):format(tostring(name),
        interface.name and " " .. interface.name or "")
      return function() return nil, message end
    end,
    __newindex = function() error("luarpc: a proxy cannot be changed", 2) end,
  })
end

luarpc.createproxy = luarpc.createProxy

return luarpc
