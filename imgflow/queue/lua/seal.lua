#!lua flags=allow-oom
-- All jobs of a batch are queued. ARGV: batch, keep. Returns 1, or 0 if it is not known.
local key = root .. 'batch:' .. ARGV[1]
if redis.call('EXISTS', key) == 0 then
    return 0
end
redis.call('HSET', key, 'sealed', 1)
keep_batch(ARGV[1])
close_batch(ARGV[1], tonumber(ARGV[2]))
return 1
