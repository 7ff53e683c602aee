-- What a generation goes on without. ARGV: generation.
local base = place(ARGV[1])
return base and redis.call('HVALS', base .. ':q') or {}
