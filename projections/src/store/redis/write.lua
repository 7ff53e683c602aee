-- Writes a batch where it follows, and says whether it did: 1 or 0.
-- ARGV: generation, number, log, version, position before the batch, position after it, rate, the time of its last event
-- in milliseconds, how many counted names, these names; then again and again what to do, a name, how many arguments,
-- these arguments.
local base, number = place(ARGV[1])
local last = 9 + tonumber(ARGV[9])
local found = base and number == ARGV[2] and checkpoint(base, 10, last)
if not found or found[1] ~= ARGV[3] or found[2] ~= ARGV[4] or found[3] ~= ARGV[5] then return 0 end
-- Whoever finds this mark finds half a batch: a script that fails is not undone. It is also the write that is refused when
-- memory is short, before any other.
redis.call('HSET', base, 'torn', 1)
local time = redis.call('TIME')
-- Rows are needed by later events until the log has come to their end, and the log may be behind. Nobody is shown what is
-- over, so that a minute more does no harm.
local seen, minute = tonumber(ARGV[8]), 60000
local behind = math.max(0, time[1] * 1000 + math.floor(time[2] / 1000) - seen)
local i = last + 1
while i <= #ARGV do
  local what, key, upto = ARGV[i], base .. ':' .. ARGV[i + 1], i + 2 + tonumber(ARGV[i + 2])
  if what == 'SWEEP' then
    for _, id in ipairs(redis.call('ZRANGEBYSCORE', key, '-inf', seen)) do
      redis.call('UNLINK', key .. ':' .. id)
    end
    redis.call('ZREMRANGEBYSCORE', key, '-inf', seen)
  elseif what == 'KEEP' then
    local id, over = ARGV[i + 3], tonumber(ARGV[i + 4])
    redis.call('ZADD', key, over, id)
    redis.call('SET', key .. ':' .. id, ARGV[i + 5])
    redis.call('PEXPIREAT', key .. ':' .. id, over + behind + minute)
  elseif what == 'LEAVE' then
    redis.call('ZREM', key, ARGV[i + 3])
    redis.call('UNLINK', key .. ':' .. ARGV[i + 3])
  else
    redis.call(what, key, unpack(ARGV, i + 3, upto))
  end
  i = upto + 1
end
redis.call('HSET', base, 'position', ARGV[6], 'rate', ARGV[7], 'counts', counts(base, 10, last))
redis.call('HDEL', base, 'torn')
return 1
