-- Puts a generation that is all there in the place of the live one, and says whether it did: 1, or 0 where it is not there,
-- or 2 where the live one is to become another, and has seen more of the same.
-- ARGV: generation, what the live one becomes ('' when it goes), counted names.
local base, number = place(ARGV[1])
local built = base and checkpoint(base, 3, #ARGV)
if not built then return 0 end
local asked = place('live')
local seen = asked and ARGV[2] ~= '' and checkpoint(asked, 3, #ARGV)
if seen and seen[1] == built[1] and seen[2] == built[2] and tonumber(seen[3]) > tonumber(built[3]) then return 2 end
local live = redis.call('HGET', KEYS[1], 'live')
redis.call('HSET', KEYS[1], 'live', number)
redis.call('HDEL', KEYS[1], ARGV[1], 'old')
if live and ARGV[2] ~= '' then redis.call('HSET', KEYS[1], ARGV[2], live) end
return 1
