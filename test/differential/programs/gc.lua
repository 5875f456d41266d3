-- SPDX-License-Identifier: MIT
-- The collector as a program sees it: weak tables, finalizers, options. No byte counts: they differ between hosts.
-- lua5.4's own main program starts in generational mode; a state starts in incremental mode, as the library does.
collectgarbage("incremental")
print(type(collectgarbage("count")), collectgarbage(), collectgarbage("collect"), collectgarbage("isrunning"))
print(collectgarbage("stop"), collectgarbage("isrunning"), collectgarbage("restart"), collectgarbage("isrunning"))
print(pcall(collectgarbage, "bad"))
print(type(collectgarbage("step")), type(collectgarbage("step", 100)))
print(collectgarbage("generational"), collectgarbage("incremental"), collectgarbage("incremental", 200, 100, 13), collectgarbage("generational", 20, 100), collectgarbage("incremental"))

for _, mode in ipairs { "k", "v", "kv", "" } do
  local weak = setmetatable({}, { __mode = mode })
  local kept = {}
  weak[1] = {}
  weak[2] = kept
  weak[{}] = 3
  weak[kept] = 4
  weak["string"] = "string"
  weak[5] = "value"
  collectgarbage()
  local n = 0
  for _ in pairs(weak) do n = n + 1 end
  print(mode, n, weak[1] ~= nil, weak[2] == kept, weak[kept], weak.string, weak[5])
end
-- Ephemerons.
local ephemeron = setmetatable({}, { __mode = "k" })
do
  local key = {}
  ephemeron[key] = { key }
  local a, b = {}, {}
  ephemeron[a] = b
  ephemeron[b] = a
end
collectgarbage()
print(next(ephemeron))

-- Finalizers run in the reverse order of their marking.
local order = {}
for i = 1, 5 do setmetatable({}, { __gc = function() order[#order + 1] = i end }) end
collectgarbage()
collectgarbage()
print(table.concat(order, " "))
local revived
do
  local object = setmetatable({ name = "phoenix" }, { __gc = function(o) revived = o end })
end
collectgarbage()
print(revived and revived.name)
local count = 0
local metatable = { __gc = function() count = count + 1 end }
for i = 1, 1000 do setmetatable({}, metatable) end
collectgarbage()
print(count)
-- A metatable that gets its __gc later does not count.
local late = setmetatable({}, {})
getmetatable(late).__gc = function() print("never") end
late = nil
collectgarbage()
-- A finalizer cannot yield; its error is a warning and nothing else.
setmetatable({}, { __gc = function() error("ignored") end })
collectgarbage()
print(coroutine.wrap(function() setmetatable({}, { __gc = function() print("in finalizer", pcall(coroutine.yield)) end }) collectgarbage() return "after" end)())
-- Much garbage of every kind.
local text = ""
for i = 1, 3000 do
  local t = { i, tostring(i), function() return i end, { [i] = i } }
  text = text:sub(-50) .. i
  if i % 1000 == 0 then print(i, #text, t[3]()) end
end
local cyclic = {}
for i = 1, 1000 do cyclic = { cyclic, i } end
local depth = 0
while cyclic[1] do depth = depth + 1 cyclic = cyclic[1] end
print(depth)
warn("@off")
warn("not seen")
print(pcall(warn))
print(pcall(warn, 5, {}))
