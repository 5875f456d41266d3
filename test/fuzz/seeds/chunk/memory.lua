local t = {} pcall(function() while true do t[#t + 1] = ('x'):rep(#t) .. #t end end)
local s = 'x' pcall(function() while true do s = s .. s end end)
local n = #s t = nil return n, pcall(function() local u = {} while true do u = {u} end end)
