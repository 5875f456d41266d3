local k, v = setmetatable({}, {__mode = 'k'}), setmetatable({}, {__mode = 'v'})
for i = 1, 50 do k[{}] = i v[i] = {} k[i] = {k} end
collectgarbage() local n = 0 for _ in pairs(k) do n = n + 1 end return n, #v, next(v)
