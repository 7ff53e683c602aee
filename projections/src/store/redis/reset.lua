-- Makes a generation anew, and says whether something may be left over: 1 or 0. ARGV: generation, log, version, counted
-- names.
if redis.call('TYPE', KEYS[1]).ok ~= 'hash' then redis.call('DEL', KEYS[1]) end
local last = redis.call('HGET', KEYS[1], 'last')
local old = redis.call('HGET', KEYS[1], ARGV[1])
-- The time, so that no number comes again after a flush.
local time = redis.call('TIME')
local number = time[1] .. string.format('%06d', tonumber(time[2]))
if last and tonumber(number) <= tonumber(last) then number = string.format('%.0f', tonumber(last) + 1) end
redis.call('HSET', KEYS[1], ARGV[1], number, 'last', number)
local base = KEYS[1] .. ':' .. number
local empty = counts(base, 4, #ARGV)
redis.call('HSET', base, 'log', ARGV[2], 'version', ARGV[3], 'position', 0, 'rate', 0, 'counts', empty)
return (old or not last) and 1 or 0
