local t = {} for i = 1, 300 do t[i * 3] = i t['k' .. i] = i end for i = 1, 300 do t[i * 3] = nil end
table.move(t, 1, 1 << 30, 2) return pcall(table.insert, t, 1 << 50, 1), pcall(table.move, t, 1, math.maxinteger, 2)
