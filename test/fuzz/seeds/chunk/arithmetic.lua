local a, b = 7, -2.5
return a // b, a % b, a / 0, -a ^ 2, 7 // 0.0, 1 << 63, ~a & 0xff | 3 ~ 1, a .. b, 0x7fffffffffffffff + 1, math.mininteger // -1
