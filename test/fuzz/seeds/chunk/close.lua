do
  local a <close> = setmetatable({}, {__close = function(_, e) print('closed', e) end})
  local b <close> = setmetatable({}, {__close = function() error('again') end})
  error({})
end
