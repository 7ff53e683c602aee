-- Says of a generation that it is not all there. ARGV: generation, number.
local base, number = place(ARGV[1])
if base and number == ARGV[2] then redis.call('HSET', base, 'torn', 1) end
return 1
