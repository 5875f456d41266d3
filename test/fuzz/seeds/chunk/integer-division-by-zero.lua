return pcall(function(x) return 1 // x, 1 % x end, 0)
